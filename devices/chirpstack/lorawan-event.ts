import { claimedTime, unreadableTime } from '#contracts/time.ts';
import { isPlaceable } from '../climate/climate-reading.ts';
import { readInteger, readNumber } from '../json/read-number.ts';
import { isArray, isObject, unreadable } from '../json/split-json.ts';
import type { JsonObject, Unreadable } from '../json/split-json.ts';

/** What a network server says of a LoRaWAN device, in the terms of either version of ChirpStack. */
export interface LorawanEvent {
  /** Sixteen digits of hex, small as in ChirpStack's topics. */
  readonly devEui: string;
  /** When a gateway received it, else when the server did. */
  readonly claimedMs: number | undefined;
  /** What tells this event from every other of the same device. */
  readonly key: string | undefined;
  readonly fPort: number | undefined;
  /** The application's bytes, decrypted; none where the uplink carried none. */
  readonly data: Uint8Array;
  /** What a codec in ChirpStack made of the bytes, where the device's profile has one. */
  readonly object: JsonObject | undefined;
  readonly batteryPercent: number | undefined;
}

/**
 * Reads the JSON of an event: that of v4 by its `deviceInfo`, that of v3 by its `devEUI`, which is
 * hex in the older of its two formats and base64 in the other.
 */
export function readLorawanEvent(
  body: JsonObject,
  receivedAtMs: number,
): LorawanEvent | Unreadable {
  const info = body['deviceInfo'];
  const devEui = euiOf(isObject(info) ? info['devEui'] : body['devEUI']);
  if (devEui === undefined) return unreadable('wrong-type', 'neither deviceInfo.devEui nor devEUI');
  const fPort = readInteger(body['fPort']);
  if (typeof fPort === 'string') return unreadable(fPort, 'fPort');
  const data = bytesOf(body['data']);
  if ('ok' in data) return data;
  const object = objectOf(body);
  if (object !== undefined && 'ok' in object) return object;
  const claimedMs = isObject(info) ? timeOf(body['time']) : receptionOf(body);
  return {
    devEui,
    claimedMs,
    key: keyOf(body, claimedMs, receivedAtMs),
    fPort,
    data,
    object: object?.fields,
    batteryPercent: batteryOf(body),
  };
}

function euiOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^[0-9a-f]{16}$/i.test(value)) return value.toLowerCase();
  return /^[A-Za-z0-9+/]{11}=$/.test(value)
    ? Buffer.from(value, 'base64').toString('hex')
    : undefined;
}

/** A LoRaWAN payload has at most 242 bytes. */
const maxBase64 = 1024;

function bytesOf(value: unknown): Uint8Array | Unreadable {
  if (value === undefined || value === null) return new Uint8Array();
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
    return unreadable('wrong-type', 'data is no base64');
  }
  if (value.length > maxBase64) return unreadable('oversized', 'data of more than 768 bytes');
  return new Uint8Array(Buffer.from(value, 'base64'));
}

/** `object`, or in one format of v3 its text under `objectJSON`. */
function objectOf(body: JsonObject): { readonly fields: JsonObject } | Unreadable | undefined {
  const text = body['objectJSON'];
  let object = body['object'];
  if (typeof text === 'string' && text !== '') {
    try {
      object = JSON.parse(text);
    } catch {
      return unreadable('malformed', 'objectJSON is no JSON');
    }
  }
  if (object === undefined || object === null) return undefined;
  return isObject(object) ? { fields: object } : unreadable('wrong-type', 'object is no object');
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'string' && value !== '' ? claimedTime(value) : undefined;
}

/** v3 leaves the time to the gateways, of which those with GPS have one. */
function receptionOf(body: JsonObject): number | undefined {
  const receptions = body['rxInfo'];
  const times = (isArray(receptions) ? receptions : [])
    .map((reception) => (isObject(reception) ? timeOf(reception['time']) : undefined))
    .filter((time) => time !== undefined);
  const known = times.filter((time) => time !== unreadableTime);
  return known.length > 0 ? Math.min(...known) : (timeOf(body['publishedAt']) ?? times[0]);
}

/**
 * v4 gives each event an id of its own; v3 has the frame counter, which starts over when a device
 * joins anew, so that only together with a time that can be believed it is a key.
 */
function keyOf(
  body: JsonObject,
  claimedMs: number | undefined,
  receivedAtMs: number,
): string | undefined {
  const id = body['deduplicationId'];
  if (typeof id === 'string' && /^[\w-]{1,64}$/.test(id)) return id;
  const frame = readInteger(body['fCnt']);
  if (typeof frame !== 'number' || !isPlaceable(claimedMs, receivedAtMs)) return undefined;
  return `${frame}@${claimedMs}`;
}

/** 0 where the device cannot measure it or hangs on the mains: then it says nothing. */
function batteryOf(body: JsonObject): number | undefined {
  if (body['batteryLevelUnavailable'] === true || body['externalPowerSource'] === true) {
    return undefined;
  }
  const level = readNumber(body['batteryLevel']);
  return typeof level === 'number' && level >= 0 && level <= 100 ? Math.round(level) : undefined;
}
