import { claimedTime } from '#contracts/time.ts';
import { readCode } from '../gs1/read-code.ts';
import { unreadable } from '../json/split-json.ts';
import type { JsonObject, Unreadable } from '../json/split-json.ts';
import { splitJsonLines } from '../json/split-lines.ts';
import { decodedParts } from '../json/decoded-parts.ts';
import type { Decoded, RefusedPart } from '../profile.ts';
import type { ScanReading } from '../reading.ts';

const maxCodeLength = 2048;
const maxSymbologyLength = 60;
/** Long enough that nobody takes a counter for an id that never repeats. */
const idShape = /^[!-~]{8,80}$/;

/** What a scanner calls the fields of a scan. */
interface Names {
  readonly id: string;
  readonly code: string;
  readonly symbology: string;
  readonly time: string;
}

const ownNames: Names = { id: 'id', code: 'code', symbology: 'symbology', time: 'at' };
/** ProGlove, Streams API 1.0. */
const streamNames: Names = {
  id: 'event_id',
  code: 'scan_code',
  symbology: 'symbology',
  time: 'time_created',
};

/**
 * Decodes scans: `{"id", "code", "symbology"?, "at"?}`, single, as an array or in lines; an empty
 * array is a sign of life. `id` is made by the scanner, new for each scan, and repeated when the
 * scan is sent again: 8 to 80 printable ASCII characters, best a UUID. GS is `\u001d`, as JSON has
 * it. Messages of ProGlove's Streams API are read too; those that are no scan give no reading.
 */
export function decodeScans(payload: Uint8Array, receivedAtMs: number): Decoded {
  const split = splitJsonLines(payload);
  if (!split.ok) return split;
  const readings: ScanReading[] = [];
  const refused: RefusedPart[] = [...split.broken];
  for (const [index, message] of split.objects.entries()) {
    if (message === undefined) continue;
    const event = message['event_type'];
    if (event !== undefined && event !== 'scan') continue;
    const names = event === 'scan' ? streamNames : ownNames;
    const scan = decodeScan(message, names, receivedAtMs);
    if ('ok' in scan) refused.push(refusedScan(index, message[names.id], scan));
    else readings.push(scan);
  }
  return decodedParts({ readings, refused });
}

function refusedScan(index: number, id: unknown, { reason, detail }: Unreadable): RefusedPart {
  const isNamed = typeof id === 'string' && idShape.test(id);
  return { index, ...(isNamed && { id }), reason, detail };
}

function decodeScan(
  message: JsonObject,
  names: Names,
  receivedAtMs: number,
): ScanReading | Unreadable {
  const { [names.id]: id, [names.code]: text } = message;
  if (id === undefined || id === null || id === '') {
    return unreadable(
      'missing-id',
      `"${names.id}" is missing: a scan sent again would count twice`,
    );
  }
  if (typeof id !== 'string' || !idShape.test(id)) {
    return unreadable('wrong-type', `"${names.id}" is not 8 to 80 printable ASCII characters`);
  }
  if (typeof text !== 'string' || text === '') {
    return unreadable('wrong-type', `"${names.code}" is missing or no text`);
  }
  if (text.length > maxCodeLength) return unreadable('oversized', `"${names.code}"`);
  const symbology = symbologyOf(message[names.symbology]);
  if (symbology !== undefined && typeof symbology !== 'string') return symbology;
  const claimedMs = timeOf(message[names.time]);
  return {
    type: 'scan',
    code: readCode(text, { symbology, scannedAtMs: receivedAtMs }),
    naturalKey: id,
    ...(claimedMs !== undefined && { claimedMs }),
    ...(symbology !== undefined && { symbology }),
  };
}

function symbologyOf(value: unknown): string | undefined | Unreadable {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string' || value.length > maxSymbologyLength) {
    return unreadable('wrong-type', '"symbology" is no short text');
  }
  return value.toWellFormed();
}

/** ISO 8601 with zone, or UTC milliseconds. A time that nobody can place is claimed as that. */
function timeOf(value: unknown): number | undefined {
  if (typeof value === 'string') return value === '' ? undefined : claimedTime(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}
