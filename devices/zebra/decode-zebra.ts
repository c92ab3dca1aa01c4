import { claimedTime } from '#contracts/time.ts';
import { readEpcHex } from '../json/read-epc.ts';
import { readInteger, readRounded } from '../json/read-number.ts';
import { isArray, isObject, unreadable } from '../json/split-json.ts';
import type { JsonObject, Unreadable } from '../json/split-json.ts';
import { splitJsonLines } from '../json/split-lines.ts';
import type { RefusedPart } from '../profile.ts';
import type { InputReading, TagReading } from '../reading.ts';

/** A reading with the reader's number of the event, where it has one. */
export interface NumberedReading {
  readonly reading: TagReading | InputReading;
  readonly eventNumber?: number;
}

/** Messages of the management-events interface, by their `type`, that give no reading. */
const otherTypes: ReadonlySet<string> = new Set([
  'ERROR',
  'EXCEPTION',
  'FIRMWARE',
  'GPO',
  'HEARTBEAT',
  'USERAPP',
  'WARNING',
]);

export interface ZebraEvents {
  readonly ok: true;
  readonly events: readonly NumberedReading[];
  readonly refused: readonly RefusedPart[];
}

/**
 * Decodes the data interface of Zebra's IoT Connector: `{type, timestamp, data: {idHex, …}}` of
 * any operating mode, single, as an array, in lines or run together; the changes of inputs (GPI) of
 * its management-events interface; and the payload of the older FX connector with `tag_reads`, whose numbers are strings and whose local times cannot be placed.
 */
export function decodeZebra(payload: Uint8Array): ZebraEvents | Unreadable {
  const split = splitJsonLines(payload);
  if (!split.ok) return split;
  const events: NumberedReading[] = [];
  const refused: RefusedPart[] = [...split.broken];
  let index = 0;
  for (const message of split.objects) {
    if (message === undefined) {
      index += 1;
      continue;
    }
    const tagReads = message['tag_reads'];
    const reads = tagReads === undefined ? [message] : isArray(tagReads) ? tagReads : [undefined];
    for (const read of reads) {
      const event = tagReads === undefined ? decodeMessage(message) : decodeOldTag(read);
      if (event !== undefined && 'ok' in event) {
        refused.push({ index, reason: event.reason, detail: event.detail });
      } else if (event !== undefined) events.push(event);
      index += 1;
    }
  }
  return { ok: true, events, refused };
}

function decodeMessage(message: JsonObject): NumberedReading | Unreadable | undefined {
  const { data, type } = message as { data?: unknown; type?: unknown };
  if (isObject(data) && data['idHex'] !== undefined) {
    return decodeTag(data, message['timestamp']);
  }
  if (typeof type !== 'string') return unreadable('wrong-type', 'neither type nor data.idHex');
  if (type.toUpperCase() === 'GPI') return decodeInput(message);
  if (otherTypes.has(type.toUpperCase())) return undefined;
  return isObject(data)
    ? unreadable('unknown-message', `type "${type.slice(0, 60)}" without data.idHex`)
    : unreadable('wrong-type', `type "${type.slice(0, 60)}" without data`);
}

function decodeTag(data: JsonObject, timestamp: unknown): NumberedReading | Unreadable {
  const eventNumber = readInteger(data['eventNum']);
  if (typeof eventNumber === 'string') return unreadable(eventNumber, 'eventNum');
  if (eventNumber !== undefined && eventNumber < 0) return unreadable('wrong-type', 'eventNum');
  const fields = {
    antenna: data['antenna'],
    epc: data['idHex'],
    reads: data['reads'],
    rssi: data['peakRssi'],
  };
  return tagOf(fields, timeOf(timestamp), eventNumber);
}

/** Its number counts management events, not tag events, so that it is no key among these. */
function decodeInput(message: JsonObject): NumberedReading | Unreadable {
  const { pin, state } = isObject(message['data']) ? message['data'] : message;
  const input = readInteger(pin);
  if (typeof input !== 'number' || input < 0) return unreadable('wrong-type', 'pin');
  const level = typeof state === 'string' ? state.toLowerCase() : undefined;
  if (level !== 'high' && level !== 'low') return unreadable('wrong-type', 'state');
  const claimedMs = timeOf(message['timestamp']);
  const claim = claimedMs === undefined ? {} : { claimedMs };
  return { reading: { type: 'input', input: `gpi-${input}`, level, ...claim } };
}

export function timeOf(value: unknown): number | undefined {
  return typeof value === 'string' && value !== '' ? claimedTime(value) : undefined;
}

function decodeOldTag(read: unknown): NumberedReading | Unreadable {
  if (!isObject(read)) return unreadable('wrong-type', 'tag_reads is no list of objects');
  return tagOf({
    antenna: read['antennaPort'],
    epc: read['epc'],
    reads: read['seenCount'],
    rssi: read['peakRssi'],
  });
}

export function tagOf(
  fields: { antenna: unknown; epc: unknown; reads: unknown; rssi: unknown },
  claimedMs?: number,
  eventNumber?: number,
): NumberedReading | Unreadable {
  const epc = readEpcHex(fields.epc);
  if (epc === undefined) return unreadable('wrong-type', 'the EPC is empty or no hex');
  const antenna = readInteger(fields.antenna);
  if (typeof antenna === 'string') return unreadable(antenna, 'antenna');
  if (antenna !== undefined && antenna < 0) return unreadable('wrong-type', 'antenna');
  const rssiCdbm = readRounded(fields.rssi, 100);
  if (typeof rssiCdbm === 'string') return unreadable(rssiCdbm, 'peakRssi');
  const reads = readInteger(fields.reads) ?? 1;
  if (typeof reads === 'string') return unreadable(reads, 'reads');
  if (reads < 0) return unreadable('wrong-type', 'reads');
  const reading: TagReading = {
    type: 'tag',
    epc,
    reads: Math.max(reads, 1),
    ...(antenna === undefined ? {} : { antenna }),
    ...(rssiCdbm === undefined ? {} : { rssiCdbm }),
    ...(claimedMs === undefined ? {} : { claimedMs }),
  };
  return eventNumber === undefined ? { reading } : { reading, eventNumber };
}
