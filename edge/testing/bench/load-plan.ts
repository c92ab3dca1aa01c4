import type { MqttUser } from './bench-gateway.ts';

/** What a bench asks of the load generator. */
export interface LoadPlan {
  readonly port: number;
  readonly users: readonly MqttUser[];
  /** Unanswered messages per connection, in closed loop. */
  readonly window: number;
  readonly seconds: number;
  /** Open loop at this rate over all connections; absent: closed loop. */
  readonly ratePerSecond?: number;
  /** Tags in circulation. */
  readonly tags: number;
  /** Where every connection goes on in the tags' round: what an earlier run sent. */
  readonly firstMessage: number;
}

/** What it gets back. */
export interface LoadResult {
  readonly sent: number;
  readonly acked: number;
  readonly seconds: number;
  /** CPU seconds of the generator per second: above 0.9 it is the generator that is measured. */
  readonly cpuShare: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly messagesPerLane: number;
}
