import { readNumber } from '../json/read-number.ts';
import { unreadable } from '../json/split-json.ts';
import type { Unreadable } from '../json/split-json.ts';
import type { ClimateReading } from '../reading.ts';
import { scaleClimate } from './climate-measure.ts';
import type { ClimateMeasure } from './climate-measure.ts';
import { signedValue } from './read-sparkplug.ts';
import type { SparkplugMetric, SparkplugPayload } from './read-sparkplug.ts';
import { bornMetric, measureOf, nameOfAlias, unitFor } from './sparkplug-births.ts';
import type { Birth } from './sparkplug-births.ts';

/**
 * The climate readings of a birth or data message. `device` is the Sparkplug device, undefined for
 * the edge node itself; a path before the metric's last segment names a sensor within it, so that
 * `Zone 1/Temperature` and `Zone 2/Temperature` stay apart.
 */
export function climateOf(
  payload: SparkplugPayload,
  device: string | undefined,
  birth: Birth | undefined,
): { readonly ok: true; readonly readings: readonly ClimateReading[] } | Unreadable {
  const readings: ClimateReading[] = [];
  for (const metric of payload.metrics) {
    const name = nameOf(metric, birth);
    if (typeof name === 'object' && name !== null) return name;
    const measure = name === null ? undefined : measureOf(name);
    if (name === null || measure === undefined || metric.value === undefined) continue;
    const value = valueOf(metric, metric.value, name, measure, birth);
    if (typeof value === 'object') return value;
    const claimedMs = metric.timestampMs ?? payload.timestampMs;
    const sensor = sensorOf(device, name);
    readings.push({
      type: 'climate',
      measure,
      value,
      ...(sensor === undefined ? {} : { sensor }),
      ...(claimedMs === undefined ? {} : { claimedMs }),
    });
  }
  return { ok: true, readings };
}

/** @returns null for a metric that is known and of no interest. */
function nameOf(metric: SparkplugMetric, birth: Birth | undefined): string | null | Unreadable {
  if (metric.name !== undefined && metric.name !== '') return metric.name;
  if (metric.alias === undefined)
    return unreadable('wrong-type', 'a metric without name and alias');
  const name = nameOfAlias(birth, metric.alias);
  return name === undefined
    ? unreadable('unknown-message', `alias ${metric.alias} is in no birth certificate seen`)
    : name;
}

function valueOf(
  metric: SparkplugMetric,
  raw: number | boolean | string,
  name: string,
  measure: ClimateMeasure,
  birth: Birth | undefined,
): number | Unreadable {
  const born = bornMetric(birth, name);
  const unit =
    metric.unit === undefined && born !== undefined ? born[0] : unitFor(measure, metric.unit);
  if (unit === '?') return unreadable('unknown-message', `the unit of metric "${name}"`);
  const number = readNumber(signedValue(raw, metric.datatype ?? born?.[1]));
  if (typeof number !== 'number') return unreadable(number ?? 'wrong-type', `metric "${name}"`);
  return scaleClimate(number, unit) ?? unreadable('not-a-number', `metric "${name}"`);
}

function sensorOf(device: string | undefined, name: string): string | undefined {
  const path = name.slice(0, Math.max(name.lastIndexOf('/'), 0));
  if (device === undefined) return path === '' ? undefined : path;
  return path === '' ? device : `${device}/${path}`;
}
