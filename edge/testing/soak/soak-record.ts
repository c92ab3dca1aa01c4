/** What the run of a soak writes down as it goes, one JSON line each, for the parts that wait. */
export type SoakRecord =
  | { readonly type: 'said'; readonly text: string }
  | SoakHour
  | { readonly type: 'over'; readonly figures: SoakFigures }
  | { readonly type: 'failed'; readonly why: string };

/** An hour of the site's day. Sizes in MB, counts since the day began. */
export interface SoakHour {
  readonly type: 'hour';
  readonly hour: number;
  /** Of the gateway's resident memory, looked at every second. */
  readonly rssMb: number;
  readonly peakMb: number;
  readonly messages: number;
  readonly entries: number;
  readonly events: number;
  readonly writtenMb: number;
  readonly backlogEntries: number;
  readonly uncommittedEvents: number;
}

export interface SoakFigures {
  /** Median of the last quarter's resident memory over that of the second quarter. */
  readonly rssRatio: number;
  /** The most that was resident at any time of the day. */
  readonly rssMb: number;
  /** Bytes that the gateway wrote to storage (proc(5), write_bytes) for each journalled event. */
  readonly bytesWrittenPerEvent: number;
}

export const hoursOfDay = 8;
