import { judgeTime } from '#contracts/time.ts';
import { readNumber } from '../json/read-number.ts';
import { unreadable } from '../json/split-json.ts';
import type { Unreadable } from '../json/split-json.ts';
import type { Decoded } from '../profile.ts';
import type { ClimateReading, Reading } from '../reading.ts';
import { defaultUnit, plausibleRange, scaleClimate } from './climate-measure.ts';
import type { ClimateMeasure, ClimateRange, ClimateUnit } from './climate-measure.ts';

/** Where a value comes from: what of a reading is not the value. */
export interface ClimateOrigin {
  readonly measure: ClimateMeasure;
  readonly sensor: string | undefined;
  readonly claimedMs: number | undefined;
  readonly naturalKey?: string | undefined;
  /** The measure's own, °C or %, where absent. */
  readonly unit?: ClimateUnit;
  /** What this sensor can measure, where that is known better than for all sensors. */
  readonly range?: ClimateRange;
  readonly historical?: boolean;
}

/**
 * One value of a message, a number or its text, as a reading.
 *
 * @returns undefined where the value is absent or null, and what is wrong with it where it is no
 * number (`wrong-type`, `not-a-number`) or no temperature or humidity that the sensor can measure
 * (`out-of-range`): such a value is never a reading.
 */
export function climateReading(
  raw: unknown,
  origin: ClimateOrigin,
): ClimateReading | Unreadable | undefined {
  const { measure, sensor, claimedMs, naturalKey, historical = false } = origin;
  const { unit = defaultUnit(measure), range = plausibleRange[measure] } = origin;
  const what = sensor === undefined ? measure : `${measure} of "${sensor.slice(0, 80)}"`;
  const number = readNumber(raw);
  if (number === undefined) return undefined;
  if (typeof number === 'string') return unreadable(number, what);
  const value = scaleClimate(number, unit);
  if (value === undefined) return unreadable('not-a-number', what);
  if (value < range[0] || value > range[1]) return unreadable('out-of-range', `${what}: ${number}`);
  return {
    type: 'climate',
    measure,
    value,
    ...(sensor === undefined ? {} : { sensor }),
    ...(claimedMs === undefined ? {} : { claimedMs }),
    ...(naturalKey === undefined ? {} : { naturalKey }),
    ...(historical ? { historical } : {}),
  };
}

/**
 * Whether a time from a device can be believed. History without such a time is no reading: where
 * others put the time of receipt in its place, it would pass for the present.
 */
export function isPlaceable(
  claimedMs: number | undefined,
  receivedAtMs: number,
): claimedMs is number {
  return judgeTime(claimedMs, receivedAtMs).quality === 'device';
}

/**
 * What became of the parts of a message: their readings, and the first that gave none.
 *
 * @param repeated how many more were left out because they were seen before
 */
export function decodedOf(parts: readonly (Reading | Unreadable)[], repeated = 0): Decoded {
  const readings = parts.filter((part): part is Reading => !('ok' in part));
  const trouble = parts.find((part) => 'ok' in part);
  const good = { ok: true, readings, ...(repeated > 0 && { repeated }) } as const;
  if (trouble === undefined) return good;
  if (readings.length + repeated === 0) return trouble;
  const { reason, detail } = trouble;
  return { ...good, partly: { reason, detail } };
}
