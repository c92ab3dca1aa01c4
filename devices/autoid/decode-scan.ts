import { claimedTime, unreadableTime } from '#contracts/time.ts';
import { readInteger } from '../json/read-number.ts';
import { isArray, isObject, unreadable } from '../json/split-json.ts';
import type { JsonObject, Unreadable } from '../json/split-json.ts';
import { decodedParts } from '../json/decoded-parts.ts';
import type { Decoded, RefusedPart } from '../profile.ts';
import type { TagReading } from '../reading.ts';

/** OPC 30010 names no unit for Strength; what is in this range can only be dBm. */
const dBm = { min: -120, max: 0 } as const;

const hexShape = /^(?:[0-9A-F]{2})+$/;
/** GS1 EPC Tag Data Standard, 12.1: the tag's bits themselves. */
const rawUri = /^urn:epc:raw:\d+\.x([0-9A-F]+)$/i;

/**
 * Decodes the fields of one RfidScanEventType (OPC 30010, 7.6): its scan results, each one tag with
 * its sightings, become one reading per tag and antenna.
 */
export function decodeScan(event: JsonObject): Decoded {
  const { scanResult } = event;
  if (!isArray(scanResult)) return unreadable('wrong-type', 'a scan without a list of results');
  const readings: TagReading[] = [];
  const refused: RefusedPart[] = [];
  for (const [index, result] of scanResult.entries()) {
    const epc = isObject(result)
      ? epcOf(result['ScanData'])
      : unreadable('wrong-type', 'a result that is no structure');
    if (typeof epc !== 'string') refused.push({ index, reason: epc.reason, detail: epc.detail });
    else if (isObject(result)) readings.push(...sightingsOf(epc, result, event['time']));
  }
  return decodedParts({ readings, refused });
}

/** What was on the tag, as upper-case hex (ScanData, OPC 30010, 9.4.2). */
function epcOf(data: unknown): string | Unreadable {
  if (!isObject(data)) return unreadable('wrong-type', 'a result without ScanData');
  const { ByteString: bytes, Epc: epc, String: text } = data;
  const found = isObject(epc) ? epc['UId'] : (bytes ?? hexOfText(text));
  if (typeof found === 'string' && hexShape.test(found)) return found;
  const shown = JSON.stringify(data).slice(0, 120);
  return unreadable('unknown-message', `no tag id that can be read: ${shown}`);
}

function hexOfText(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const [, raw = text] = rawUri.exec(text) ?? [];
  return raw.toUpperCase();
}

function sightingsOf(epc: string, result: JsonObject, eventTime: unknown): TagReading[] {
  const list: readonly unknown[] = isArray(result['Sighting']) ? result['Sighting'] : [];
  const byAntenna = new Map<number | undefined, JsonObject[]>();
  for (const sighting of list.filter(isObject)) {
    const antenna = readInteger(sighting['Antenna']);
    const key = typeof antenna === 'number' ? antenna : undefined;
    byAntenna.set(key, [...(byAntenna.get(key) ?? []), sighting]);
  }
  if (byAntenna.size === 0) byAntenna.set(undefined, []);
  return [...byAntenna].map(([antenna, sightings]) => {
    const claimedMs = latest([result['Timestamp'], ...sightings.map((one) => one['Timestamp'])]);
    const atMs = claimedMs ?? latest([eventTime]);
    const strength = strongest(sightings);
    return {
      type: 'tag',
      epc,
      reads: Math.max(1, sightings.length),
      ...(antenna === undefined ? {} : { antenna }),
      ...(strength === undefined ? {} : { rssiCdbm: strength * 100 }),
      ...(atMs === undefined ? {} : { claimedMs: atMs }),
    };
  });
}

function strongest(sightings: readonly JsonObject[]): number | undefined {
  const strengths = sightings
    .map((one) => readInteger(one['Strength']))
    .filter((strength) => typeof strength === 'number')
    .filter((strength) => strength >= dBm.min && strength < dBm.max);
  return strengths.length === 0 ? undefined : Math.max(...strengths);
}

/**
 * The newest of times as OPC UA has them; its "no time", 1601, is none. Unreadable where some are
 * texts, but none of them a time.
 */
function latest(times: readonly unknown[]): number | undefined {
  const told = times
    .map((time) => (typeof time === 'string' && time !== '' ? claimedTime(time) : -1))
    .filter((ms) => ms > 0 || ms === unreadableTime);
  // It is less than any time.
  return told.length === 0 ? undefined : Math.max(...told);
}
