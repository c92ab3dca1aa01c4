import { judgeTime, plausibleFutureMs } from '#contracts/time.ts';
import type { ClimateReading } from '../../devices/reading.ts';

/**
 * What is remembered of one sensor and measure: up to when it was read, never ahead of receipt, and
 * the last readings as the sensor told them, so that one that is delivered again is known.
 */
export type ReadBook = {
  readonly lastMs: number;
  readonly recent: readonly (readonly [claimedMs: number, value: number])[];
};

/**
 * What a reading tells of: `present`; the present of a sensor whose clock was just set back;
 * something `past` behind what was read since; or nothing, having been `repeated`.
 */
export type ReadPlace = 'present' | 'clock-set-back' | 'past' | 'repeated';

const recentReads = 8;

/** Of a stored row; an earlier version kept the time alone. */
export function readBookOf(row: string): ReadBook {
  const kept = JSON.parse(row) as ReadBook | number;
  return typeof kept === 'number' ? { lastMs: kept, recent: [] } : kept;
}

/**
 * Places a reading among those before. A time that is not believed is that of receipt, and so always
 * new. One at most five minutes old that the device does not call history is the present, whatever
 * the sensor's clock was before: it may have run ahead as far without being disbelieved.
 */
export function placeRead(
  before: ReadBook | undefined,
  { claimedMs, historical, value }: ClimateReading,
  receivedAtMs: number,
): { readonly book: ReadBook; readonly place: ReadPlace } {
  const { atMs, quality } = judgeTime(claimedMs, receivedAtMs);
  const { lastMs, recent } = before ?? { lastMs: -Infinity, recent: [] };
  const presentMs = Math.min(atMs, receivedAtMs);
  if (quality !== 'device') return { book: { lastMs: presentMs, recent }, place: 'present' };
  const isKnown = recent.some(([time, of]) => time === atMs && of === value);
  if (isKnown && before !== undefined) return { book: before, place: 'repeated' };
  const noted = [...recent, [atMs, value] as const].slice(-recentReads);
  if (presentMs > lastMs) return { book: { lastMs: presentMs, recent: noted }, place: 'present' };
  if (historical !== true && receivedAtMs - atMs <= plausibleFutureMs) {
    return { book: { lastMs: receivedAtMs, recent: noted }, place: 'clock-set-back' };
  }
  return { book: { lastMs, recent: noted }, place: 'past' };
}
