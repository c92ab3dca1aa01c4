import { encodeCanonical } from '#contracts/canonical.ts';
import type { Canonical } from '#contracts/canonical.ts';
import { isObject, splitJson, unreadable } from '../json/split-json.ts';
import type { Unreadable } from '../json/split-json.ts';

/** What a configured tag is for; the driver writes it into every sample. */
export const tagRoles = ['counter', 'state', 'alarm'] as const;
export type TagRole = (typeof tagRoles)[number];

/** Which number of a PackMLCountDataType counts (OPC 30050, 6.5.3). */
export const countMembers = ['AccCount', 'Count'] as const;
export type CountMember = (typeof countMembers)[number];

/** How a tag's value is to be read, as configured. */
export interface TagReadout {
  readonly role: TagRole;
  /** The one element of an array that is meant. */
  readonly element?: number;
  readonly member?: CountMember;
}

/**
 * One sample of an OPC UA tag as intake keeps it. `status` is the 32-bit StatusCode of Part 4,
 * 7.39. `value` is a safe integer, a boolean or text: other numbers in decimal, a NodeId as
 * `nsu=<namespace URI>;…`, the text of a LocalizedText; a list of such, or a structure by its
 * fields' names; null where the server gave none.
 */
export interface OpcUaSample extends Partial<TagReadout> {
  readonly sourceMs?: number;
  readonly status: number;
  readonly value: Canonical;
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
  return sampleOfObject(object);
}

/** As `readOpcUaSample`, of what was JSON. */
export function sampleOfObject(
  object: Readonly<Record<string, unknown>>,
): { readonly ok: true; readonly sample: OpcUaSample } | Unreadable {
  const { element, member, role, sourceMs, status, value = null } = object;
  if (typeof status !== 'number' || !isWhole(status) || status > 0xffffffff) {
    return unreadable('wrong-type', 'status is no OPC UA status code');
  }
  if (role !== undefined && !isOneOf(tagRoles, role)) {
    return unreadable('wrong-type', `role is none of ${tagRoles.join(', ')}`);
  }
  if (element !== undefined && !isWhole(element)) {
    return unreadable('wrong-type', 'element is no index');
  }
  if (member !== undefined && !isOneOf(countMembers, member)) {
    return unreadable('wrong-type', `member is none of ${countMembers.join(', ')}`);
  }
  return {
    ok: true,
    sample: {
      status,
      value: value as Canonical,
      ...(role === undefined ? {} : { role }),
      ...(element === undefined ? {} : { element }),
      ...(member === undefined ? {} : { member }),
      ...(Number.isSafeInteger(sourceMs) ? { sourceMs: sourceMs as number } : {}),
    },
  };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isOneOf<W extends string>(words: readonly W[], value: unknown): value is W {
  return (words as readonly unknown[]).includes(value);
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
