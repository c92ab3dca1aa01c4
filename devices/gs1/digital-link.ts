import { addElement, elementsRead, type CodeElement, type ElementsRead } from './element-string.ts';
import { hasCheckDigit } from './value-format.ts';

/** Primary keys, and the qualifiers that may follow each, in their order (URI Syntax 1.4, 4.9). */
const primaryKeys: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ['00', []],
  ['01', [['22', '10', '21'], ['235']]],
  ['253', []],
  ['255', []],
  ['401', []],
  ['402', []],
  ['414', [['254'], ['7040']]],
  ['415', [['8020']]],
  ['417', [['7040']]],
  ['8003', []],
  ['8004', [['7040']]],
  ['8006', [['22', '10', '21']]],
  ['8010', [['8011']]],
  ['8013', []],
  ['8017', [['8019']]],
  ['8018', [['8019']]],
]);

/**
 * A compressed part of a path is file-safe base 64 (GS1 Digital Link: Compression). Reading it
 * needs optimisation tables that change with the standard, so that it is refused.
 */
const base64Url = /^[A-Za-z0-9_-]{8,}$/;

/**
 * Reads a GS1 Digital Link URI of any domain: the primary key and its qualifiers end the path,
 * further elements are in the query. Other query parameters (`linkType`) say nothing about goods.
 *
 * @returns undefined for a web address that is no Digital Link.
 */
export function parseDigitalLink(text: string): ElementsRead | undefined {
  const [, host, path, query = ''] =
    /^https?:\/\/([^/?#]+)([^?#]*)(?:\?([^#]*))?/i.exec(text) ?? [];
  if (host === undefined || path === undefined) return undefined;
  const segments = path.split('/').filter((segment) => segment !== '');
  const keyAt = keyIndex(segments);
  if (keyAt === undefined) {
    return isCompressed(host, segments) ? { ok: false, trouble: 'compressed-link' } : undefined;
  }
  const elements: CodeElement[] = [];
  for (let at = keyAt; at < segments.length; at += 2) {
    const trouble = addEncoded(elements, segments[at] ?? '', segments[at + 1] ?? '');
    if (trouble !== undefined) return trouble;
  }
  for (const parameter of query.split(/[&;]/)) {
    const [name = '', ...value] = parameter.split('=');
    if (!/^\d+$/.test(name)) continue;
    const trouble = addEncoded(elements, name, value.join('='));
    if (trouble !== undefined) return trouble;
  }
  return elementsRead(elements);
}

/** Where the key is that, with its qualifiers, ends the path. */
function keyIndex(segments: readonly string[]): number | undefined {
  for (let at = 0; at + 1 < segments.length; at += 1) {
    const qualifiers = primaryKeys.get(segments[at] ?? '');
    const ais = segments.slice(at + 2).filter((_, index) => index % 2 === 0);
    const paired = (segments.length - at) % 2 === 0;
    if (qualifiers !== undefined && paired && areQualifiers(ais, qualifiers)) return at;
  }
  return undefined;
}

/** Whether the identifiers are some of one list, in its order. */
function areQualifiers(ais: readonly string[], lists: readonly (readonly string[])[]): boolean {
  if (ais.length === 0) return true;
  return lists.some((list) => {
    const places = ais.map((ai) => list.indexOf(ai));
    return places.every((place, index) => place > (index === 0 ? -1 : (places[index - 1] ?? -1)));
  });
}

function addEncoded(
  elements: CodeElement[],
  ai: string,
  encoded: string,
): (ElementsRead & { ok: false }) | undefined {
  const value = decodePercent(encoded);
  const trouble = value === undefined ? 'bad-value' : addElement(elements, ai, padGtin(ai, value));
  return trouble === undefined ? undefined : { ok: false, trouble };
}

/** A URI may carry a GTIN in its shorter forms. */
function padGtin(ai: string, value: string): string {
  const isGtin = ai === '01' || ai === '02';
  return isGtin && /^(?:\d{8}|\d{12,13})$/.test(value) ? value.padStart(14, '0') : value;
}

function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * Whether a path without a readable key is a compressed one: behind a key with its value, on GS1's
 * own domain, or because it begins with the bits of a GTIN or SSCC whose check digit is right.
 */
function isCompressed(host: string, segments: readonly string[]): boolean {
  const last = segments.at(-1) ?? '';
  if (!base64Url.test(last)) return false;
  const [ai = '', value = ''] = segments.slice(-3, -1);
  if (
    segments.length >= 3 &&
    primaryKeys.has(ai) &&
    addElement([], ai, padGtin(ai, value)) === undefined
  ) {
    return true;
  }
  return /(?:^|\.)gs1\.org(?::\d+)?$/i.test(host) || beginsWithKeyBits(last);
}

/** Without optimisation: eight bits of identifier, then the number in as few bits as hold it. */
function beginsWithKeyBits(encoded: string): boolean {
  const bytes = Buffer.from(encoded, 'base64url');
  return [
    { ai: 0x00, bits: 60, digits: 18 },
    { ai: 0x01, bits: 47, digits: 14 },
  ].some(({ ai, bits, digits }) => {
    const spare = (bytes.length - 1) * 8 - bits;
    if (bytes[0] !== ai || spare < 0) return false;
    const value = BigInt(`0x${bytes.toString('hex', 1)}`) >> BigInt(spare);
    const number = String(value).padStart(digits, '0');
    return number.length === digits && hasCheckDigit(number);
  });
}
