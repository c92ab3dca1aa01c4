import Type from 'typebox';
import type { Static } from 'typebox';
import type { EventKind, EventPayload } from './event-kinds.ts';
import { closed, epochMs, name, sequence, timeQuality } from './schema.ts';
import type { TimeQuality } from './time.ts';

/**
 * The header of every journalled event. `seq` counts without gaps within an epoch of the gateway;
 * `cause` is the intake position and the event's index among those that position caused, so that
 * an event always leads back to the bytes a device sent. Times: `occurredAt` as judged from the
 * device, `receivedAt` by the gateway's trusted clock; the hub adds its own `recordedAt` outside
 * the signed bytes.
 */
export const eventHeader = closed({
  cause: Type.Tuple([sequence, sequence]),
  claimedAt: Type.Optional(epochMs),
  device: Type.Optional(name),
  epoch: Type.Integer({ minimum: 1 }),
  gateway: name,
  handlingUnit: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
  kind: Type.String({ pattern: '^[a-z]+\\.[a-z-]+$', maxLength: 60 }),
  occurredAt: epochMs,
  owner: name,
  receivedAt: epochMs,
  seq: Type.Integer({ minimum: 1 }),
  site: name,
  timeQuality,
  v: Type.Integer({ minimum: 1 }),
});
export type EventHeader = Static<typeof eventHeader>;

/** What an observer or a policy wants to have said; the journal adds position and identity. */
export interface EventDraft<K extends EventKind = EventKind> {
  readonly kind: K;
  readonly payload: EventPayload<K>;
  readonly device?: string;
  readonly owner?: string;
  readonly handlingUnit?: string;
  readonly occurredAt: number;
  readonly timeQuality: TimeQuality;
  readonly claimedAt?: number;
}

/** A draft of one kind, typed by that kind: `draft('tag.moved', {...}, {...})`. */
export function draft<K extends EventKind>(
  kind: K,
  payload: EventPayload<K>,
  at: Omit<EventDraft<K>, 'kind' | 'payload'>,
): EventDraft {
  // The spread comes first: engines copy a whole object much faster than into another one.
  return { ...at, kind, payload };
}

/** An event as it is stored and sent: the exact canonical text of both parts, one line each. */
export interface StoredEvent {
  readonly header: string;
  /** Canonical payload, or `#` and the SHA-256 of a payload that was erased. */
  readonly payload: string;
}
