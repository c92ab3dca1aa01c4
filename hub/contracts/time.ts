/** Wall time and a time that never goes back. Passed in everywhere; no module reads a clock itself. */
export interface Clock {
  /** UTC milliseconds since 1970. */
  nowMs(): number;
  /** Milliseconds from an arbitrary start, never stepping back. */
  monotonicMs(): number;
}

/** Turns and timers of a process: passed in, so that a simulation has its own. */
export interface Timers {
  /** In the next turn, after what has come in by then. */
  soon(run: () => void): Cancel;
  after(waitMs: number, run: () => void): Cancel;
}
/** Once it has run, or was cancelled, this does nothing. */
export type Cancel = () => void;

/**
 * How far `occurredAt` can be believed:
 * - `device`: the device said so, with a zone, and it is plausible;
 * - `arrival`: the device said nothing, the gateway's time of receipt stands in;
 * - `implausible`: the device said something that cannot be true, which is kept beside the time of
 *   receipt that stands in; or something that is no time, or has no zone, and nothing is beside it;
 * - `unjudged`: the gateway's own clock was not right, so that it could judge nobody's. What the
 *   device said is kept; `gateway.clock-trusted` says how far off the rest is (`correctedTimes`).
 */
export const timeQualities = ['device', 'arrival', 'implausible', 'unjudged'] as const;
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

/** Stands for what a device said of the time that cannot be read: not nothing, and no time. */
export const unreadableTime = Number.MIN_SAFE_INTEGER;

/** Weighs what a device says against the time of receipt (asymmetric window, see docs). */
export function judgeTime(claimedMs: number | undefined, receivedAtMs: number): OccurredAt {
  if (claimedMs === undefined) return { atMs: receivedAtMs, quality: 'arrival' };
  if (claimedMs === unreadableTime) return { atMs: receivedAtMs, quality: 'implausible' };
  const plausible =
    claimedMs >= receivedAtMs - plausiblePastMs && claimedMs <= receivedAtMs + plausibleFutureMs;
  return plausible
    ? { atMs: claimedMs, quality: 'device' }
    : { atMs: receivedAtMs, quality: 'implausible', claimedMs };
}

const isoShape = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})$/i;

/**
 * Reads an ISO 8601 time with zone into UTC milliseconds: `Z`, `+01:00` and Zebra's `+0000` alike,
 * with up to nanoseconds, which are cut to milliseconds.
 *
 * @returns undefined for anything else, and for times without a zone: nobody can say when those were.
 */
export function parseIsoTime(text: string): number | undefined {
  if (!isoShape.test(text)) return undefined;
  const year = numberAt(text, 0, 4);
  const month = numberAt(text, 5, 2);
  const day = numberAt(text, 8, 2);
  const hour = numberAt(text, 11, 2);
  const minute = numberAt(text, 14, 2);
  const second = numberAt(text, 17, 2);
  if (year < 100 || month < 1 || month > 12) return undefined;
  if (day < 1 || day > daysOf(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const milli = text[19] === '.' ? numberAt(text, 20, 3) : 0;
  return Date.UTC(year, month - 1, day, hour, minute, second, milli) - zoneOffsetMs(text);
}

/** As `parseIsoTime`, for what a device says: what cannot be read is `unreadableTime`. */
export function claimedTime(text: string): number {
  return parseIsoTime(text) ?? unreadableTime;
}

/** Of a month, 1 to 12, in the Gregorian calendar. */
function daysOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return isLeap ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The number in so many decimal digits; what is no digit counts as a 0. */
function numberAt(text: string, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    value = value * 10 + (digit >= 0 && digit <= 9 ? digit : 0);
  }
  return value;
}

/** Of a text that ends in a zone. */
function zoneOffsetMs(text: string): number {
  if (text.endsWith('Z') || text.endsWith('z')) return 0;
  const sign = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'));
  const minutes = numberAt(text, sign + 1, 2) * 60 + numberAt(text, text.length - 2, 2);
  return (text[sign] === '-' ? -minutes : minutes) * 60_000;
}
