import { hash } from 'node:crypto';
import { unreadableTime } from '#contracts/time.ts';
import { readCode } from '../gs1/read-code.ts';
import { readEpcHex } from '../json/read-epc.ts';
import { readInteger } from '../json/read-number.ts';
import { isArray, isObject, unreadable } from '../json/split-json.ts';
import type { JsonObject, Unreadable } from '../json/split-json.ts';
import { splitJsonLines } from '../json/split-lines.ts';
import { isPlaceable } from '../climate/climate-reading.ts';
import type { RefusedPart } from '../profile.ts';
import type { ScanReading } from '../reading.ts';
import { tagOf, timeOf, type NumberedReading } from './decode-zebra.ts';

export interface HandheldEvents {
  readonly ok: true;
  readonly tags: readonly NumberedReading[];
  readonly scans: readonly ScanReading[];
  readonly refused: readonly RefusedPart[];
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
  const split = splitJsonLines(payload);
  if (!split.ok) return split;
  const tags: NumberedReading[] = [];
  const scans: ScanReading[] = [];
  const refused: RefusedPart[] = [...split.broken];
  let index = -1;
  const refuse = ({ reason, detail }: Unreadable) => refused.push({ index, reason, detail });
  for (const message of split.objects) {
    if (message === undefined) {
      index += 1;
      continue;
    }
    const data = message['data'];
    if (!isObject(data)) {
      if (typeof message['type'] === 'string') continue;
      index += 1;
      refuse(unreadable('wrong-type', 'neither type nor data'));
      continue;
    }
    for (const record of listOf(data['tagData'])) {
      index += 1;
      const tag = decodeTag(record, message['timestamp']);
      if ('ok' in tag) refuse(tag);
      else tags.push(tag);
    }
    for (const [place, record] of listOf(data['barcodeData']).entries()) {
      index += 1;
      const scan = decodeScan(record, message['timestamp'], place, receivedAtMs);
      if ('ok' in scan) refuse(scan);
      else scans.push(scan);
    }
  }
  return { ok: true, tags, scans, refused };
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
 * what a re-delivered message repeats, and together they are the key. A handheld whose clock starts
 * over with it repeats its times for other scans: those have no key. A time ahead of ours repeats
 * for nobody, and may only mean that the gateway has no clock yet.
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
  if (claimedMs === undefined || claimedMs === unreadableTime) {
    return unreadable('missing-id', 'a barcode in a message without a time has no key');
  }
  if (claimedMs < receivedAtMs && !isPlaceable(claimedMs, receivedAtMs)) {
    return unreadable('missing-id', 'a barcode of a handheld without a clock has no key: set it');
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
