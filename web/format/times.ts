/** Times as people read them: relative in sight, absolute with its zone on hover. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * A length of time in its two largest units, so that little of it is left out: `850 ms`, `2.1 s`,
 * `1 min 55 s`, `3 h 05 min`, `9 d 4 h`; the second one only where it is not nothing.
 */
export function formatDuration(lengthMs: number): string {
  const ms = Math.abs(lengthMs);
  if (ms < second) return `${Math.round(ms)} ms`;
  if (ms < 10 * second) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return twoUnits(ms, [minute, 'min'], [second, 's'], 2);
  if (ms < 2 * day) return twoUnits(ms, [hour, 'h'], [minute, 'min'], 2);
  return twoUnits(ms, [day, 'd'], [hour, 'h'], 1);
}

type Unit = readonly [lengthMs: number, name: string];

function twoUnits(ms: number, large: Unit, small: Unit, digits: number): string {
  const whole = `${Math.floor(ms / large[0])} ${large[1]}`;
  const rest = Math.floor((ms % large[0]) / small[0]);
  return rest === 0 ? whole : `${whole} ${String(rest).padStart(digits, '0')} ${small[1]}`;
}

/** `now`, `12 s ago`, `in 3 min`. Coarse on purpose: hover says it exactly. */
export function formatAgo(atMs: number, nowMs: number): string {
  const ageMs = nowMs - atMs;
  if (Math.abs(ageMs) < 2 * second) return 'now';
  const length = roughly(Math.abs(ageMs));
  return ageMs < 0 ? `in ${length}` : `${length} ago`;
}

function roughly(ms: number): string {
  if (ms < 100 * second) return `${Math.floor(ms / second)} s`;
  if (ms < 100 * minute) return `${Math.round(ms / minute)} min`;
  if (ms < 2 * day) return `${Math.round(ms / hour)} h`;
  return `${Math.round(ms / day)} d`;
}

/** A clock difference with its sign: `+120 ms`, `−2.1 s`. Positive: ahead of the reference. */
export function formatSkew(skewMs: number): string {
  const sign = skewMs > 0 ? '+' : skewMs < 0 ? '\u2212' : '';
  return `${sign}${formatDuration(skewMs)}`;
}

const clockFormats = new Map<string, Intl.DateTimeFormat>();

function formatted(atMs: number, id: string, options: Intl.DateTimeFormatOptions): string {
  let format = clockFormats.get(id);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', options);
    clockFormats.set(id, format);
  }
  return format.format(atMs);
}

/** `14:02:31` in the browser's zone. */
export function formatClock(atMs: number): string {
  return formatted(atMs, 'clock', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** `14:02`, or `22 Nov 14:02` where the day is not that of `nowMs`. */
export function formatMinute(atMs: number, nowMs: number): string {
  const time = formatted(atMs, 'minute', { hour: '2-digit', minute: '2-digit' });
  return sameDay(atMs, nowMs) ? time : `${formatDay(atMs)} ${time}`;
}

/** `14:02:31`, with the day before it where it is another day than `nowMs`. */
export function formatMoment(atMs: number, nowMs: number): string {
  return sameDay(atMs, nowMs) ? formatClock(atMs) : `${formatDay(atMs)} ${formatClock(atMs)}`;
}

/** `22 Nov`. */
export function formatDay(atMs: number): string {
  return formatted(atMs, 'day', { day: 'numeric', month: 'short' });
}

/** `22 Nov 2026, 14:02:31 CET`. */
export function formatLocal(atMs: number): string {
  return formatted(atMs, 'absolute', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}

/** The whole truth for hover: local time with its zone, and UTC to the millisecond. */
export function formatAbsolute(atMs: number): string {
  return `${formatLocal(atMs)} \u00b7 ${formatUtc(atMs)}`;
}

/** `2026-11-22T13:02:31.114Z`. */
export function formatUtc(atMs: number): string {
  return new Date(atMs).toISOString();
}

function sameDay(aMs: number, bMs: number): boolean {
  return formatDay(aMs) === formatDay(bMs) && Math.abs(aMs - bMs) < 2 * day;
}
