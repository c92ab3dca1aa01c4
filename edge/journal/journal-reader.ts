import type { EpochIdentity } from '#contracts/chain.ts';

/** The last event of the journal; at `seq` 0 the hash is the epoch's genesis hash. */
export interface JournalHead {
  readonly epoch: EpochIdentity;
  readonly seq: number;
  readonly hash: string;
}

/** A run of events without gaps, and what is needed to prove it: the hash before and after. */
export interface EventRun {
  readonly previousHash: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The hash of the run's last event. */
  readonly headHash: string;
  /** Header line and payload line of each event, the exact text that was hashed, in pieces. */
  readonly lines: readonly string[];
}

/** What others may do with the journal: read it. */
export interface JournalReader {
  head(): JournalHead;
  /** The first sequence number that is still here. */
  oldestSeq(): number;
  /**
   * The events after `seq`, at least one where there is one, at most `maxEvents` and `maxBytes` of
   * text. @returns undefined when `seq` is the head.
   */
  readAfter(seq: number, maxEvents: number, maxBytes: number): EventRun | undefined;
  /** The hash of an event, of the epoch itself for 0; undefined where there is no such event. */
  hashAt(seq: number): string | undefined;
  /** Calls back after every commit that sealed events. @returns a function that ends it. */
  onCommitted(listener: (head: JournalHead) => void): () => void;
}
