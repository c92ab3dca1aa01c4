import { celsiusToMilliC, fahrenheitToMilliC, percentToPermille } from '#contracts/units.ts';
import type { ClimateReading } from '../reading.ts';

export type ClimateMeasure = ClimateReading['measure'];
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
