import type { DownlinkOutcome } from '#contracts/downlink.ts';

/** An entry of the downlink whose content was fetched and proved. */
export interface TakenEntry {
  readonly seq: number;
  /** When the hub wrote it. */
  readonly atMs: number;
  readonly content: string;
}

/** What became of it, without what the driver adds. */
export type TargetOutcome = Omit<DownlinkOutcome, 'atMs' | 'kind' | 'seq'>;

/** Who knows what to do with entries of one kind. */
export interface DownlinkTarget {
  /**
   * Takes an entry; when it resolves, what it did is durable. After a crash the same entry may come
   * again, so it must be harmless twice. Entries come one at a time, in order.
   */
  take(entry: TakenEntry): Promise<TargetOutcome>;
}

/** Says what became of an entry later than when it was taken. */
export type SayLater = (seq: number, outcome: TargetOutcome) => void;
