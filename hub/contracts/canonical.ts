import { Fault } from './fault.ts';

/**
 * The one byte form of every journalled value: JSON after RFC 8785 (JCS), narrowed so that any
 * implementation agrees on it. Keys sort by UTF-16 code units; numbers are safe integers, because
 * decimal fractions are where encoders differ; strings carry no lone surrogates; `undefined`
 * members are left out. No raw line feed can occur, so lines frame values.
 */
export type Canonical = null | boolean | number | string | readonly Canonical[] | CanonicalRecord;

export interface CanonicalRecord {
  readonly [key: string]: Canonical | undefined;
}

/**
 * Encodes a value canonically.
 *
 * @throws Fault CANONICAL_INVALID naming the path of what cannot be encoded.
 */
export function encodeCanonical(value: Canonical): string {
  // The engine's own encoder is several times faster than ours, and right for what is in order.
  if (isInOrder(value)) return JSON.stringify(value);
  const text = encode(value);
  if (text !== undefined) return text;
  const { path, found } = findInvalid(value, '$') ?? { path: '$', found: 'something' };
  throw new Fault('CANONICAL_INVALID', `${path} holds ${found}, which has no canonical form`, {
    details: { path, found },
  });
}

/** Whether plain JSON of the value is canonical already: valid leaves, keys in order. */
function isInOrder(value: Canonical): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      return Number.isSafeInteger(value);
    case 'boolean':
      return true;
    case 'object':
      return value === null || (isList(value) ? value.every(isInOrder) : isRecordInOrder(value));
    default:
      return false;
  }
}

function isRecordInOrder(record: CanonicalRecord): boolean {
  let last = '';
  for (const key in record) {
    const value = record[key];
    if (key < last || !key.isWellFormed()) return false;
    if (value !== undefined && !isInOrder(value)) return false;
    last = key;
  }
  return true;
}

/** @returns undefined where something has no canonical form; the path is looked for only then. */
function encode(value: Canonical | undefined): string | undefined {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? JSON.stringify(value) : undefined;
    case 'number':
      return Number.isSafeInteger(value) ? (value === 0 ? '0' : String(value)) : undefined;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return isList(value) ? encodeList(value) : encodeRecord(value);
    default:
      return undefined;
  }
}

function encodeList(list: readonly Canonical[]): string | undefined {
  let text = '[';
  for (let index = 0; index < list.length; index += 1) {
    const member = encode(list[index]);
    if (member === undefined) return undefined;
    text += index > 0 ? `,${member}` : member;
  }
  return `${text}]`;
}

function encodeRecord(record: CanonicalRecord): string | undefined {
  let text = '{';
  for (const key of sortedKeys(record)) {
    const value = record[key];
    if (value === undefined) continue;
    const member = encode(value);
    if (member === undefined || !key.isWellFormed()) return undefined;
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${member}`;
  }
  return `${text}}`;
}

function findInvalid(
  value: Canonical | undefined,
  path: string,
): { path: string; found: string } | undefined {
  if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined && !isList(value)) continue;
      if (!key.isWellFormed()) return { path, found: 'a key with a lone surrogate' };
      const inside = findInvalid(member, `${path}.${key}`);
      if (inside !== undefined) return inside;
    }
    return undefined;
  }
  if (encode(value) !== undefined) return undefined;
  return {
    path,
    found:
      typeof value === 'string'
        ? 'a lone surrogate'
        : typeof value === 'number'
          ? `the number ${value}`
          : `a value of type ${typeof value}`,
  };
}

/** Most records are built in order already: checking that is cheaper than sorting. */
function sortedKeys(record: object): readonly string[] {
  const keys = Object.keys(record);
  for (let index = 1; index < keys.length; index += 1) {
    // oxlint-disable-next-line typescript/no-non-null-assertion -- both are inside the list
    if (keys[index - 1]! > keys[index]!) return keys.sort(byCodeUnit);
  }
  return keys;
}

/** RFC 8785 orders by UTF-16 code unit, which is what `<` does; locale order would differ. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isList(value: object): value is readonly Canonical[] {
  return Array.isArray(value);
}

/**
 * Reads canonical text and proves that it is canonical: the text of the value read must be the
 * text given, so that one value never has two hashes.
 *
 * @throws Fault CANONICAL_INVALID.
 */
export function decodeCanonical(text: string): Canonical {
  let value: Canonical;
  try {
    value = JSON.parse(text) as Canonical;
  } catch (cause) {
    throw new Fault('CANONICAL_INVALID', 'the text is not JSON', { cause });
  }
  if (encodeCanonical(value) !== text) {
    throw new Fault('CANONICAL_INVALID', 'the text is JSON, but not in canonical form');
  }
  return value;
}
