import type { FeedEvent } from './feed-event.ts';

/** Where events of one target go. */
export interface FeedSink {
  readonly type: 'webhook' | 'file' | 'mqtt';
  /** So many events are handed over at a time. */
  readonly batchEvents: number;
  /**
   * Resolves once the other side has all of them for good. What is not known to have arrived is
   * delivered again, from the first of them on.
   *
   * @throws Fault LINK_DOWN or STORE_FULL: try again later, not before `details.retryAfterMs`.
   */
  deliver(events: readonly FeedEvent[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
