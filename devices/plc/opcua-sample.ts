import { encodeCanonical } from '#contracts/canonical.ts';
import { isObject, splitJson, unreadable } from '../json/split-json.ts';
import type { Unreadable } from '../json/split-json.ts';

/** What a configured tag is for; the driver writes it into every sample. */
export type TagRole = 'counter' | 'state';

/**
 * One sample of an OPC UA tag as intake keeps it. `status` is the 32-bit StatusCode of Part 4,
 * 7.39. `value` is a safe integer, a boolean or text: other numbers in decimal, a NodeId as
 * `nsu=<namespace URI>;…`, the text of a LocalizedText; null where the server gave none.
 */
export interface OpcUaSample {
  readonly role?: TagRole;
  readonly sourceMs?: number;
  readonly status: number;
  readonly value: number | boolean | string | null;
}

/** Canonical JSON of a sample. */
export function encodeOpcUaSample(sample: OpcUaSample): Uint8Array {
  return encoder.encode(encodeCanonical({ ...sample }));
}
const encoder = new TextEncoder();

/** Reads a sample back; anything else is refused, never thrown. */
export function readOpcUaSample(
  payload: Uint8Array,
): { readonly ok: true; readonly sample: OpcUaSample } | Unreadable {
  const split = splitJson(payload);
  if (!split.ok) return split;
  const [object] = split.objects;
  if (object === undefined || split.objects.length > 1 || !isObject(object)) {
    return unreadable('wrong-type', 'expected one sample');
  }
  const { role, sourceMs, status, value = null } = object as Record<string, unknown>;
  if (
    typeof status !== 'number' ||
    !Number.isInteger(status) ||
    status < 0 ||
    status > 0xffffffff
  ) {
    return unreadable('wrong-type', 'status is no OPC UA status code');
  }
  if (role !== undefined && role !== 'counter' && role !== 'state') {
    return unreadable('wrong-type', 'role is neither counter nor state');
  }
  if (!isScalar(value)) return unreadable('wrong-type', 'value is a structure');
  return {
    ok: true,
    sample: {
      status,
      value,
      ...(role === undefined ? {} : { role }),
      ...(Number.isSafeInteger(sourceMs) ? { sourceMs: sourceMs as number } : {}),
    },
  };
}

function isScalar(value: unknown): value is OpcUaSample['value'] {
  return value === null || ['number', 'boolean', 'string'].includes(typeof value);
}

/** Severity Good: the two highest bits are clear (Part 4, 7.39). */
export function isGoodStatus(status: number): boolean {
  return status >>> 30 === 0;
}

/**
 * A data value whose queue overflowed since the last one (Part 4, 7.39: InfoType DataValue,
 * Overflow).
 */
export function hasOverflow(status: number): boolean {
  const infoTypeDataValue = 0x400;
  const overflow = 0x80;
  return (status & 0xc00) === infoTypeDataValue && (status & overflow) !== 0;
}
