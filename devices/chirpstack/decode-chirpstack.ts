import type { Canonical } from '#contracts/canonical.ts';
import { decodedOf } from '../climate/climate-reading.ts';
import { noteKey } from '../climate/recent-keys.ts';
import type { RecentKeys } from '../climate/recent-keys.ts';
import { splitJson, unreadable } from '../json/split-json.ts';
import type { Unreadable } from '../json/split-json.ts';
import type { Decoded, DeviceMessage } from '../profile.ts';
import type { Reading, StatusReading } from '../reading.ts';
import { eventTypeOf } from './event-type.ts';
import type { EventType } from './event-type.ts';
import { readLorawanEvent } from './lorawan-event.ts';
import type { LorawanEvent } from './lorawan-event.ts';

export type Part = Reading | Unreadable;

/** What a family of sensors makes of an uplink that carries something of its application. */
export type ReadUplink = (uplink: LorawanEvent, receivedAtMs: number) => readonly Part[];

type Step = { readonly state: Canonical; readonly decoded: Decoded };

/**
 * Decodes the events that ChirpStack v3 or v4 publishes as JSON below `application/<id>`; what the
 * uplinks of a family mean is for `readUplink`. Sensor = device EUI. An event that came already
 * gives nothing; a refused one leaves the state as it was.
 */
export function decodeChirpStack(
  state: RecentKeys,
  { channel, payload, receivedAtMs }: DeviceMessage,
  readUplink: ReadUplink,
): Step {
  const leave = (decoded: Decoded): Step => ({ state, decoded });
  const type = eventTypeOf(channel);
  if (type === 'other') return leave({ ok: true, readings: [] });
  if (type === undefined) {
    return leave(unreadable('unknown-message', `topic "${channel.slice(0, 120)}"`));
  }
  const split = splitJson(payload);
  if (!split.ok) {
    const hint = 'no JSON: set json = true in the MQTT integration of ChirpStack';
    return leave(split.reason === 'malformed' ? { ...split, detail: hint } : split);
  }
  let seen = state;
  let repeated = 0;
  const parts: Part[] = [];
  for (const body of split.objects) {
    const event = readLorawanEvent(body, receivedAtMs);
    if ('ok' in event) {
      parts.push(event);
      continue;
    }
    const noted = event.key === undefined ? seen : noteKey(seen, event.devEui, event.key);
    if (noted === undefined) {
      repeated += 1;
      continue;
    }
    seen = noted;
    parts.push(...partsOf(type, event, receivedAtMs, readUplink));
  }
  const decoded = decodedOf(parts, repeated);
  return decoded.ok ? { state: seen, decoded } : leave(decoded);
}

function partsOf(
  type: EventType,
  event: LorawanEvent,
  receivedAtMs: number,
  readUplink: ReadUplink,
): readonly Part[] {
  switch (type) {
    case 'join':
    case 'status':
      return [statusOf(event, event.batteryPercent)];
    case 'up':
      return isOfApplication(event.fPort) ? readUplink(event, receivedAtMs) : [];
  }
}

/**
 * Port 0 carries MAC commands alone (LoRaWAN 1.0.4, 4.3.2); from 200 on there are packages of the
 * network itself (clock, multicast, fragmentation) and what is reserved.
 */
function isOfApplication(fPort: number | undefined): boolean {
  return fPort === undefined || (fPort > 0 && fPort < 200);
}

/** The device is there: it was just heard. */
export function statusOf(event: LorawanEvent, batteryPercent: number | undefined): StatusReading {
  const { claimedMs, devEui } = event;
  const naturalKey = naturalKeyOf(event);
  return {
    type: 'status',
    sensor: devEui,
    connected: true,
    ...(claimedMs === undefined ? {} : { claimedMs }),
    ...(naturalKey === undefined ? {} : { naturalKey }),
    ...(batteryPercent === undefined ? {} : { batteryPercent }),
  };
}

export function naturalKeyOf({ devEui, key }: LorawanEvent): string | undefined {
  return key === undefined ? undefined : `${devEui}/${key}`;
}
