import { parseIsoTime } from '#contracts/time.ts';
import { readNumber } from '../json/read-number.ts';
import { decodeText, splitJson, unreadable } from '../json/split-json.ts';
import type { JsonObject, Unreadable } from '../json/split-json.ts';
import type { Decoded } from '../profile.ts';
import type { ClimateReading, Reading } from '../reading.ts';
import { defaultUnit, scaleClimate } from './climate-measure.ts';
import type { ClimateMeasure } from './climate-measure.ts';

const availabilitySuffix = '/availability';
const nothing: Decoded = { ok: true, readings: [] };

/**
 * Decodes what a Zigbee2MQTT bridge publishes below its base topic. The channel is a sensor's
 * friendly name, which may hold `/`, or that name and `/availability`, or one of the bridge's own
 * topics. A sensor reports what it has: no temperature is no fault.
 */
export function decodeZigbee2Mqtt(channel: string, payload: Uint8Array): Decoded {
  if (!channel.isWellFormed()) return unreadable('malformed', 'the topic is not UTF-8');
  // An empty retained message only clears what the broker kept of a removed sensor.
  if (payload.byteLength === 0 || isCommand(channel)) return nothing;
  if (channel === 'bridge/state') return decodeState(payload, undefined);
  if (channel.startsWith('bridge/')) return nothing;
  return channel.endsWith(availabilitySuffix)
    ? decodeState(payload, channel.slice(0, -availabilitySuffix.length))
    : decodeSensor(channel, payload);
}

/** What others send to a sensor passes below the same prefix. */
function isCommand(channel: string): boolean {
  return channel.endsWith('/set') || channel.endsWith('/get');
}

/** `{"state":"online"}`, or the bare word of older versions. */
function decodeState(payload: Uint8Array, sensor: string | undefined): Decoded {
  const text = decodeText(payload)?.trim();
  const word = text === 'online' || text === 'offline' ? text : stateOf(payload);
  if (word !== 'online' && word !== 'offline') {
    return typeof word === 'string'
      ? unreadable('unknown-message', `state "${word.slice(0, 60)}"`)
      : (word ?? unreadable('wrong-type', 'state is no string'));
  }
  const connected = word === 'online';
  return {
    ok: true,
    readings: [{ type: 'status', connected, ...(sensor === undefined ? {} : { sensor }) }],
  };
}

function stateOf(payload: Uint8Array): string | Unreadable | undefined {
  const split = splitJson(payload);
  if (!split.ok) return split;
  const state = split.objects[0]?.['state'];
  return typeof state === 'string' ? state : undefined;
}

function decodeSensor(sensor: string, payload: Uint8Array): Decoded {
  const split = splitJson(payload);
  if (!split.ok) return split;
  const readings: Reading[] = [];
  for (const report of split.objects) {
    for (const measure of ['temperature', 'humidity'] as const) {
      const reading = measureOf(report, measure, sensor);
      if (reading === undefined) continue;
      if ('ok' in reading) return reading;
      readings.push(reading);
    }
  }
  return { ok: true, readings };
}

function measureOf(
  report: JsonObject,
  measure: ClimateMeasure,
  sensor: string,
): ClimateReading | Unreadable | undefined {
  const number = readNumber(report[measure]);
  if (number === undefined) return undefined;
  if (typeof number === 'string') return unreadable(number, measure);
  const value = scaleClimate(number, defaultUnit(measure));
  if (value === undefined) return unreadable('not-a-number', measure);
  const claimedMs = lastSeen(report['last_seen']);
  return {
    type: 'climate',
    sensor,
    measure,
    value,
    ...(claimedMs === undefined ? {} : { claimedMs }),
  };
}

/** ISO 8601 with a zone, or milliseconds since 1970, as the bridge's `last_seen` setting says. */
function lastSeen(value: unknown): number | undefined {
  if (typeof value === 'string') return parseIsoTime(value);
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}
