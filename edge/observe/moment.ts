import { judgeTime, type TimeQuality } from '#contracts/time.ts';

/** When something happened and how far that can be believed, small enough to keep in a state. */
export type Moment = readonly [atMs: number, quality: TimeQuality, claimedMs: number | null];

/** Judges what a device claims against the time of receipt. */
export function momentOf(claimedMs: number | undefined, receivedAtMs: number): Moment {
  const { atMs, quality, claimedMs: kept } = judgeTime(claimedMs, receivedAtMs);
  return [atMs, quality, kept ?? null];
}

/** A moment that the gateway itself vouches for. */
export function arrivalAt(atMs: number): Moment {
  return [atMs, 'arrival', null];
}

/** The moment as the fields of an event draft. */
export function momentFields([occurredAt, timeQuality, claimedAt]: Moment): {
  occurredAt: number;
  timeQuality: TimeQuality;
  claimedAt?: number;
} {
  return claimedAt === null ? { occurredAt, timeQuality } : { occurredAt, timeQuality, claimedAt };
}
