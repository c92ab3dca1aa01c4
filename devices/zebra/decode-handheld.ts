import { hash } from 'node:crypto';
import { readCode } from '../gs1/read-code.ts';
import { readEpcHex } from '../json/read-epc.ts';
import { readInteger } from '../json/read-number.ts';
import { isArray, isObject, splitJson, unreadable } from '../json/split-json.ts';
import type { JsonObject, Unreadable } from '../json/split-json.ts';
import type { ScanReading } from '../reading.ts';
import { tagOf, timeOf, type NumberedReading } from './decode-zebra.ts';

export interface HandheldEvents {
  readonly ok: true;
  readonly tags: readonly NumberedReading[];
  readonly scans: readonly ScanReading[];
}

/** Longer than any symbology in a warehouse; what is longer is no code of goods. */
const maxCodeLength = 2048;
const maxSymbologyLength = 60;

/**
 * Decodes `dataEVT` of the handhelds RFD40 and RFD90: `{type, timestamp, data: {tagData,
 * barcodeData}}`. The time is that of the message, also where it waited in the handheld's buffer.
 * `EPCid` is the identifier, as `idHex` is with the fixed readers; `EPC` stands in where it is
 * switched off. Other events of the handheld (heartbeat, alerts) come without these lists and give
 * no reading.
 */
export function decodeHandheld(
  payload: Uint8Array,
  receivedAtMs: number,
): HandheldEvents | Unreadable {
  const split = splitJson(payload);
  if (!split.ok) return split;
  const tags: NumberedReading[] = [];
  const scans: ScanReading[] = [];
  for (const message of split.objects) {
    const data = message['data'];
    if (!isObject(data)) {
      if (typeof message['type'] === 'string') continue;
      return unreadable('wrong-type', 'neither type nor data');
    }
    for (const record of listOf(data['tagData'])) {
      const tag = decodeTag(record, message['timestamp']);
      if ('ok' in tag) return tag;
      tags.push(tag);
    }
    for (const [index, record] of listOf(data['barcodeData']).entries()) {
      const scan = decodeScan(record, message['timestamp'], index, receivedAtMs);
      if ('ok' in scan) return scan;
      scans.push(scan);
    }
  }
  return { ok: true, tags, scans };
}

/** Absent is empty; what is no list is one unreadable record. */
function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return isArray(value) ? value : [undefined];
}

function decodeTag(record: unknown, timestamp: unknown): NumberedReading | Unreadable {
  if (!isObject(record)) return unreadable('wrong-type', 'tagData holds more than objects');
  const eventNumber = readInteger(record['eventNum']);
  if (typeof eventNumber === 'string') return unreadable(eventNumber, 'eventNum');
  if (eventNumber !== undefined && eventNumber < 0) return unreadable('wrong-type', 'eventNum');
  const epc = epcOf(record);
  if (epc === undefined) {
    return unreadable('wrong-type', 'neither EPCid nor EPC can be read: enable one in the profile');
  }
  const fields = {
    antenna: undefined,
    epc,
    reads: record['seenCount'],
    rssi: record['peakRssi'],
  };
  return tagOf(fields, timeOf(timestamp), eventNumber);
}

function epcOf(record: JsonObject): string | undefined {
  const id = record['EPCid'];
  return readEpcHex(id === undefined || id === null || id === '' ? record['EPC'] : id);
}

/**
 * The handheld gives barcodes no number. The time of the message, the place in it and the code are
 * what a re-delivered message repeats, and together they are the key.
 */
function decodeScan(
  record: unknown,
  timestamp: unknown,
  index: number,
  receivedAtMs: number,
): ScanReading | Unreadable {
  if (!isObject(record)) return unreadable('wrong-type', 'barcodeData holds more than objects');
  const { decodedBarcode: text, symbology } = record;
  if (typeof text !== 'string' || text === '') return unreadable('wrong-type', 'decodedBarcode');
  if (text.length > maxCodeLength) return unreadable('oversized', 'decodedBarcode');
  const claimedMs = timeOf(timestamp);
  if (claimedMs === undefined) {
    return unreadable('missing-id', 'a barcode in a message without a time has no key');
  }
  const named = typeof symbology === 'string' && symbology !== '' ? symbology : undefined;
  const kind = named?.toWellFormed().slice(0, maxSymbologyLength).toWellFormed();
  return {
    type: 'scan',
    claimedMs,
    code: readCode(text, { symbology: kind, scannedAtMs: receivedAtMs }),
    naturalKey: `${claimedMs}/${index}/${hash('sha256', text).slice(0, 16)}`,
    ...(kind !== undefined && { symbology: kind }),
  };
}
