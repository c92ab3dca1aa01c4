/** Wall time and a time that never goes back. Passed in everywhere; no module reads a clock itself. */
export interface Clock {
  /** UTC milliseconds since 1970. */
  nowMs(): number;
  /** Milliseconds from an arbitrary start, never stepping back. */
  monotonicMs(): number;
}

/**
 * How far `occurredAt` can be believed:
 * - `device`: the device said so, with a zone, and it is plausible;
 * - `arrival`: the device said nothing, the gateway's time of receipt stands in;
 * - `implausible`: the device said something that cannot be true; the time of receipt stands in
 *   and what the device said is kept beside it.
 */
export const timeQualities = ['device', 'arrival', 'implausible'] as const;
export type TimeQuality = (typeof timeQualities)[number];

export interface OccurredAt {
  readonly atMs: number;
  readonly quality: TimeQuality;
  /** What the device said, kept where it was not believed. */
  readonly claimedMs?: number;
}

/** Readers buffer for days, so the past may be far; a clock ahead of ours is wrong at once. */
export const plausiblePastMs = 30 * 24 * 3_600_000;
export const plausibleFutureMs = 5 * 60_000;

/** Weighs what a device says against the time of receipt (asymmetric window, see docs). */
export function judgeTime(claimedMs: number | undefined, receivedAtMs: number): OccurredAt {
  if (claimedMs === undefined) return { atMs: receivedAtMs, quality: 'arrival' };
  const plausible =
    claimedMs >= receivedAtMs - plausiblePastMs && claimedMs <= receivedAtMs + plausibleFutureMs;
  return plausible
    ? { atMs: claimedMs, quality: 'device' }
    : { atMs: receivedAtMs, quality: 'implausible', claimedMs };
}

const isoShape =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})$/i;

/**
 * Reads an ISO 8601 time with zone into UTC milliseconds: `Z`, `+01:00` and Zebra's `+0000` alike,
 * with up to nanoseconds, which are cut to milliseconds.
 *
 * @returns undefined for anything else, and for times without a zone: nobody can say when those were.
 */
export function parseIsoTime(text: string): number | undefined {
  const match = isoShape.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const milli = Number((fraction + '000').slice(0, 3));
  const parts = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts;
  if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60) return undefined;
  return Date.UTC(y, mo - 1, d, h, mi, s, milli) - zoneOffsetMs(zone);
}

function zoneOffsetMs(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
