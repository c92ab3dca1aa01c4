import { defaultUnit } from '../climate/climate-measure.ts';
import type { ClimateMeasure, ClimateUnit } from '../climate/climate-measure.ts';
import type { SparkplugMetric } from './read-sparkplug.ts';

/**
 * What a birth certificate said, kept small and canonical: aliases and units of the climate
 * metrics, and of all others only which aliases exist, as ranges.
 */
export type Birth = {
  readonly aliases: { readonly [alias: string]: string };
  readonly climate: { readonly [name: string]: BornMetric };
  readonly others: readonly (readonly [first: number, last: number])[];
};

/** Datatype 0 where the birth left it out; unit `?` is one that cannot be converted. */
export type BornMetric = readonly [unit: ClimateUnit | '?', datatype: number];

/** temperature or humidity, by the last segment of a metric's name, in any case. */
export function measureOf(name: string): ClimateMeasure | undefined {
  const last = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  return last === 'temperature' || last === 'humidity' ? last : undefined;
}

const units: ReadonlyMap<string, ClimateUnit> = new Map([
  ...['c', '°c', 'degc', 'deg c', 'celsius', 'cel', '℃'].map((unit) => [unit, 'C'] as const),
  ...['f', '°f', 'degf', 'deg f', 'fahrenheit', 'fah', '℉'].map((unit) => [unit, 'F'] as const),
  ...['k', 'kelvin', 'kel'].map((unit) => [unit, 'K'] as const),
  ...['%', '%rh', '% rh', 'rh', 'percent', 'pct', 'p1'].map((unit) => [unit, '%'] as const),
]);

/** The unit that a property names, or the measure's own. `?` where it is none of that measure. */
export function unitFor(measure: ClimateMeasure, unit: string | undefined): ClimateUnit | '?' {
  if (unit === undefined || unit.trim() === '') return defaultUnit(measure);
  const known = units.get(unit.trim().toLowerCase());
  const fits = known !== undefined && (known === '%') === (measure === 'humidity');
  return fits ? known : '?';
}

/** Builds the table of one birth certificate. */
export function birthOf(metrics: readonly SparkplugMetric[]): Birth {
  const aliases: [string, string][] = [];
  const climate: [string, BornMetric][] = [];
  const others: number[] = [];
  for (const { alias, datatype = 0, name, unit } of metrics) {
    const measure = name === undefined ? undefined : measureOf(name);
    if (name === undefined || measure === undefined) {
      if (alias !== undefined) others.push(alias);
      continue;
    }
    climate.push([name, [unitFor(measure, unit), datatype]]);
    if (alias !== undefined) aliases.push([String(alias), name]);
  }
  return {
    aliases: Object.fromEntries(aliases),
    climate: Object.fromEntries(climate),
    others: rangesOf(others),
  };
}

function rangesOf(numbers: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const open = ranges.at(-1);
    if (open !== undefined && number <= open[1] + 1) open[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

/**
 * The name that an alias stands for: `null` for a metric of no interest, undefined for an unknown
 * alias.
 */
export function nameOfAlias(birth: Birth | undefined, alias: number): string | null | undefined {
  if (birth === undefined) return undefined;
  const key = String(alias);
  if (Object.hasOwn(birth.aliases, key)) return birth.aliases[key];
  return birth.others.some(([first, last]) => alias >= first && alias <= last) ? null : undefined;
}

/** What the birth said of a climate metric. */
export function bornMetric(birth: Birth | undefined, name: string): BornMetric | undefined {
  return birth !== undefined && Object.hasOwn(birth.climate, name)
    ? birth.climate[name]
    : undefined;
}
