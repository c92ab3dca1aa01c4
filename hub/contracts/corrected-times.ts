import type { EventHeader } from './envelope.ts';
import type { EventPayload } from './event-kinds.ts';
import { judgeTime, type TimeQuality } from './time.ts';

/** What `unjudged` times of an event are taken for once the gateway's clock was right. */
export interface CorrectedTimes {
  readonly receivedAt: number;
  readonly occurredAt: number;
  readonly timeQuality: TimeQuality;
}

/**
 * The times of an event that was journalled while its gateway's clock was not right, by what
 * `gateway.clock-trusted` said when it was. Nothing that is stored changes.
 *
 * @param trusted payload of the first such event after it, in its epoch
 * @returns undefined where they are not known any better: an event that was judged at the time, or
 *   one from before the gateway's last start in that stretch.
 */
export function correctedTimes(
  { claimedAt, occurredAt, receivedAt, timeQuality }: EventHeader,
  { shift, since, until }: EventPayload<'gateway.clock-trusted'>,
): CorrectedTimes | undefined {
  if (timeQuality !== 'unjudged') return undefined;
  const isAfter = receivedAt >= until;
  if (!isAfter && (shift === undefined || receivedAt < shift.from)) return undefined;
  const isOff = (atMs: number) => atMs >= since && atMs < until;
  const shifted = (atMs: number) => (isOff(atMs) ? atMs + (shift?.byMs ?? 0) : atMs);
  const received = shifted(receivedAt);
  if (claimedAt === undefined) {
    return { receivedAt: received, occurredAt: shifted(occurredAt), timeQuality: 'arrival' };
  }
  const { atMs, quality } = judgeTime(claimedAt, received);
  return { receivedAt: received, occurredAt: atMs, timeQuality: quality };
}
