import { claimedTime } from '#contracts/time.ts';
import { readEpcBase64, readEpcHex } from '../json/read-epc.ts';
import { readInteger, readRounded } from '../json/read-number.ts';
import { isObject, unreadable } from '../json/split-json.ts';
import type { JsonObject, Unreadable } from '../json/split-json.ts';
import { splitJsonLines } from '../json/split-lines.ts';
import { decodedParts } from '../json/decoded-parts.ts';
import type { Decoded, RefusedPart } from '../profile.ts';
import type { InputReading, TagReading } from '../reading.ts';

/** Events of the R700 that say nothing about tags or inputs. */
const otherEvents: ReadonlySet<unknown> = new Set([
  'antennaConnected',
  'antennaDisconnected',
  'inventoryStatus',
  'inventoryTerminated',
]);

/**
 * Decodes what an Impinj R700 publishes through its IoT device interface: one event, an array, or
 * lines of events. The EPC comes as hex, base64 or both, as the reader's `tagInventory` settings
 * say; where both are there the hex counts. Time is nanosecond ISO 8601; the tag's own
 * `lastSeenTime` is closer to the truth than the time of the report.
 */
export function decodeImpinj(payload: Uint8Array): Decoded {
  const split = splitJsonLines(payload);
  if (!split.ok) return split;
  const readings: (TagReading | InputReading)[] = [];
  const refused: RefusedPart[] = [...split.broken];
  for (let index = 0; index < split.objects.length; index += 1) {
    const event = split.objects[index];
    const reading = event === undefined ? undefined : decodeEvent(event);
    if (reading === undefined) continue;
    if ('ok' in reading) refused.push({ index, reason: reading.reason, detail: reading.detail });
    else readings.push(reading);
  }
  return refused.length === 0 ? { ok: true, readings } : decodedParts({ readings, refused });
}

function decodeEvent(event: JsonObject): TagReading | InputReading | Unreadable | undefined {
  const eventType = event['eventType'];
  if (eventType === 'gpiTransition') return decodeInput(event);
  if (eventType !== 'tagInventory') {
    if (otherEvents.has(eventType)) return undefined;
    return typeof eventType === 'string'
      ? unreadable('unknown-message', `eventType "${eventType.slice(0, 60)}"`)
      : unreadable('wrong-type', 'eventType is missing or no string');
  }
  const tag = event['tagInventoryEvent'];
  if (!isObject(tag)) return unreadable('wrong-type', 'tagInventoryEvent is no object');
  return decodeTag(tag, event['timestamp']);
}

function decodeTag(tag: JsonObject, reportedAt: unknown): TagReading | Unreadable {
  const epc = epcOf(tag);
  if (epc === undefined) {
    return unreadable('wrong-type', 'neither epcHex nor epc can be read: enable one on the reader');
  }
  const antenna = readInteger(tag['antennaPort']);
  if (typeof antenna === 'string') return unreadable(antenna, 'antennaPort');
  if (antenna !== undefined && antenna < 0) return unreadable('wrong-type', 'antennaPort');
  const rssiCdbm = readRounded(tag['peakRssiCdbm']);
  if (typeof rssiCdbm === 'string') return unreadable(rssiCdbm, 'peakRssiCdbm');
  const claimedMs = timeOf(tag['lastSeenTime']) ?? timeOf(reportedAt);
  const reading: { -readonly [K in keyof TagReading]: TagReading[K] } = {
    type: 'tag',
    epc,
    reads: 1,
  };
  if (antenna !== undefined) reading.antenna = antenna;
  if (rssiCdbm !== undefined) reading.rssiCdbm = rssiCdbm;
  if (claimedMs !== undefined) reading.claimedMs = claimedMs;
  return reading;
}

function decodeInput(event: JsonObject): InputReading | Unreadable {
  const change = event['gpiTransitionEvent'];
  if (!isObject(change)) return unreadable('wrong-type', 'gpiTransitionEvent is no object');
  const input = readInteger(change['gpi']);
  if (typeof input !== 'number' || input < 0) return unreadable('wrong-type', 'gpi');
  const { transition } = change as { transition?: unknown };
  const level =
    transition === 'low-to-high' ? 'high' : transition === 'high-to-low' ? 'low' : undefined;
  if (level === undefined) return unreadable('wrong-type', 'transition');
  const claimedMs = timeOf(event['timestamp']);
  return {
    type: 'input',
    input: `gpi-${input}`,
    level,
    ...(claimedMs !== undefined && { claimedMs }),
  };
}

function epcOf(tag: JsonObject): string | undefined {
  const hex = tag['epcHex'];
  return hex === undefined || hex === null || hex === ''
    ? readEpcBase64(tag['epc'])
    : readEpcHex(hex);
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'string' && value !== '' ? claimedTime(value) : undefined;
}
