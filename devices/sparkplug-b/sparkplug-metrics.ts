import { climateReading, isPlaceable } from '../climate/climate-reading.ts';
import { unreadable } from '../json/split-json.ts';
import type { Unreadable } from '../json/split-json.ts';
import type { ClimateReading } from '../reading.ts';
import { signedValue } from './read-sparkplug.ts';
import type { SparkplugMetric, SparkplugPayload } from './read-sparkplug.ts';
import { bornMetric, measureOf, nameOfAlias, unitFor } from './sparkplug-births.ts';
import type { Birth } from './sparkplug-births.ts';

/** Whose metrics they are, and what is known of it. */
export interface MetricSource {
  /** The Sparkplug device, undefined for the edge node itself. */
  readonly device: string | undefined;
  readonly birth: Birth | undefined;
  readonly naturalKey: string | undefined;
  readonly receivedAtMs: number;
}

/**
 * The climate readings of a birth or data message, and what is wrong with those metrics that give
 * none. A path before the metric's last segment names a sensor within the device, so that `Zone
 * 1/Temperature` and `Zone 2/Temperature` stay apart.
 */
export function climateOf(
  payload: SparkplugPayload,
  source: MetricSource,
): (ClimateReading | Unreadable)[] {
  return payload.metrics
    .map((metric) => readingOf(metric, payload.timestampMs, source))
    .filter((part) => part !== undefined);
}

/** An alias of no birth certificate that was seen: what it stands for is lost. */
export function unknownAlias(
  payload: SparkplugPayload,
  birth: Birth | undefined,
): number | undefined {
  return payload.metrics.find((metric) => nameOf(metric, birth) === undefined)?.alias;
}

function readingOf(
  metric: SparkplugMetric,
  sentMs: number | undefined,
  { birth, device, naturalKey, receivedAtMs }: MetricSource,
): ClimateReading | Unreadable | undefined {
  if (namesNothing(metric)) return unreadable('wrong-type', 'a metric without name and alias');
  const name = nameOf(metric, birth);
  if (name === undefined) {
    return unreadable('unknown-message', `alias ${metric.alias} is in no birth certificate seen`);
  }
  const measure = name === null ? undefined : measureOf(name);
  if (name === null || measure === undefined || metric.value === undefined) return undefined;
  const born = bornMetric(birth, name);
  const unit =
    metric.unit === undefined && born !== undefined ? born[0] : unitFor(measure, metric.unit);
  if (unit === '?') return unreadable('unknown-message', `the unit of metric "${name}"`);
  const { historical = false, timestampMs } = metric;
  // The message's own time says when history was sent, not when it was.
  const claimedMs = historical ? timestampMs : (timestampMs ?? sentMs);
  if (historical && !isPlaceable(claimedMs, receivedAtMs)) {
    return unreadable('out-of-range', `metric "${name}" is history of no time to be believed`);
  }
  const value = signedValue(metric.value, metric.datatype ?? born?.[1]);
  const sensor = sensorOf(device, name);
  return climateReading(value, { measure, sensor, claimedMs, naturalKey, unit, historical });
}

function namesNothing({ alias, name }: SparkplugMetric): boolean {
  return alias === undefined && (name === undefined || name === '');
}

/** @returns null for a metric that is known and of no interest, undefined for an unknown alias. */
function nameOf(
  { alias, name }: SparkplugMetric,
  birth: Birth | undefined,
): string | null | undefined {
  if (name !== undefined && name !== '') return name;
  return alias === undefined ? null : nameOfAlias(birth, alias);
}

function sensorOf(device: string | undefined, name: string): string | undefined {
  const path = name.slice(0, Math.max(name.lastIndexOf('/'), 0));
  if (device === undefined) return path === '' ? undefined : path;
  return path === '' ? device : `${device}/${path}`;
}
