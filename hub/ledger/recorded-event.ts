import type { EventKind, EventPayload } from '#contracts/event-kinds.ts';

/** An event that the hub took, as ledger and projections read it. */
export type RecordedEvent = { [K in EventKind]: RecordedEventOf<K> }[EventKind];

export interface RecordedEventOf<K extends EventKind> {
  /** Order in which it took effect here, over all gateways. */
  readonly position: number;
  readonly site: string;
  readonly gateway: string;
  readonly epoch: number;
  readonly seq: number;
  readonly device: string | undefined;
  readonly occurredAt: number;
  readonly recordedAt: number;
  readonly kind: K;
  readonly payload: EventPayload<K>;
}
