import { claimedTime } from '#contracts/time.ts';
import { climateMeasures } from '../climate/climate-measure.ts';
import { climateReading, decodedOf } from '../climate/climate-reading.ts';
import { readOnline } from '../climate/read-online.ts';
import { splitJson, unreadable } from '../json/split-json.ts';
import type { Decoded } from '../profile.ts';

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
  if (channel === 'bridge/state') return decodedOf([readOnline(payload, undefined)]);
  if (channel.startsWith('bridge/')) return nothing;
  return channel.endsWith(availabilitySuffix)
    ? decodedOf([readOnline(payload, channel.slice(0, -availabilitySuffix.length))])
    : decodeSensor(channel, payload);
}

/** What others send to a sensor passes below the same prefix. */
function isCommand(channel: string): boolean {
  return channel.endsWith('/set') || channel.endsWith('/get');
}

function decodeSensor(sensor: string, payload: Uint8Array): Decoded {
  const split = splitJson(payload);
  if (!split.ok) return split;
  const parts = split.objects.flatMap((report) =>
    climateMeasures.map((measure) => {
      const claimedMs = lastSeen(report['last_seen']);
      return climateReading(report[measure], { measure, sensor, claimedMs });
    }),
  );
  return decodedOf(parts.filter((part) => part !== undefined));
}

/** ISO 8601 with a zone, or milliseconds since 1970, as the bridge's `last_seen` setting says. */
function lastSeen(value: unknown): number | undefined {
  if (typeof value === 'string') return value === '' ? undefined : claimedTime(value);
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}
