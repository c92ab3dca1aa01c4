import { celsiusToMilliC, fahrenheitToMilliC, percentToPermille } from '#contracts/units.ts';
import type { ClimateReading } from '../reading.ts';

export type ClimateMeasure = ClimateReading['measure'];
export const climateMeasures: readonly ClimateMeasure[] = ['temperature', 'humidity'];
export type ClimateUnit = 'C' | 'F' | 'K' | '%';

const kelvinOffset = 273.15;

/**
 * A value in the unit it came in, as the integer that readings carry. @returns undefined when too
 * large.
 */
export function scaleClimate(value: number, unit: ClimateUnit): number | undefined {
  switch (unit) {
    case 'C':
      return celsiusToMilliC(value);
    case 'F':
      return fahrenheitToMilliC(value);
    case 'K':
      return celsiusToMilliC(value - kelvinOffset);
    case '%':
      return percentToPermille(value);
  }
}

export function defaultUnit(measure: ClimateMeasure): ClimateUnit {
  return measure === 'temperature' ? 'C' : '%';
}

/** Both ends are inside; in the integers of readings. */
export type ClimateRange = readonly [lowest: number, highest: number];

/**
 * What any sensor of a warehouse can measure, liquid nitrogen and hot rooms included. Beyond it are
 * the marks of broken probes and failed conversions: -327.68, 3276.7, 655.35.
 */
export const plausibleRange: Readonly<Record<ClimateMeasure, ClimateRange>> = {
  temperature: [-200_000, 200_000],
  humidity: [0, 1000],
};
