import { checkDigit } from './check-digit.ts';
import { bigintAt, isZeroFrom, numberAt, textAt, wordsOfHex } from './epc-bits.ts';
import type { EpcWords } from './epc-bits.ts';
import { encodingRules, prefixBits } from './epc-schemes.ts';
import type { EncodingRule, EpcEncoding, PartitionRule } from './epc-schemes.ts';

interface Known<S extends string> {
  readonly scheme: S;
  readonly encoding: EpcEncoding;
  /** Pure identity URI: what the thing is called, whatever tag it is written on. */
  readonly uri: string;
  readonly filter: number;
  readonly companyPrefix: string;
}

export interface SgtinEpc extends Known<'sgtin'> {
  /** Indicator digit and item reference, as in the URI. */
  readonly itemReference: string;
  readonly serial: string;
  readonly gtin14: string;
}

export interface SsccEpc extends Known<'sscc'> {
  /** Extension digit and serial reference, as in the URI. */
  readonly serial: string;
  readonly sscc18: string;
}

export interface SglnEpc extends Known<'sgln'> {
  readonly locationReference: string;
  /** The extension; `0` where the location has none. */
  readonly serial: string;
  readonly gln13: string;
}

export interface GraiEpc extends Known<'grai'> {
  readonly assetType: string;
  readonly serial: string;
  /** The asset type's number with check digit, without the serial. */
  readonly grai13: string;
}

export interface GiaiEpc extends Known<'giai'> {
  /** The individual asset reference. */
  readonly serial: string;
  readonly giai: string;
}

export type KnownEpc = SgtinEpc | SsccEpc | SglnEpc | GraiEpc | GiaiEpc;
export interface UnknownEpc {
  readonly scheme: 'unknown';
  readonly reason: string;
}

/**
 * Decodes the content of a tag's EPC bank after GS1 TDS 1.13. What is not exactly an encoding
 * read here (truncated, foreign, blank, out of range, set bits behind the end) is `unknown` with
 * the reason: a plausible wrong GTIN is worse than none. Never throws.
 *
 * @param hex in either case; zero padding behind the encoding is allowed
 */
export function decodeEpc(hex: string): KnownEpc | UnknownEpc {
  if (hex.length === 0) return unknown('empty');
  if (hex.length > 128) return unknown('longer than an EPC bank');
  if (hex.length % 2 !== 0) return unknown('odd number of hex digits');
  const words = wordsOfHex(hex);
  if (words === undefined) return unknown('not hexadecimal');
  const header = numberAt(words, 0, 8);
  const rule = encodingRules.get(header);
  if (rule === undefined) {
    return unknown(isZeroFrom(words, 0) ? 'all zero' : 'header of no known GS1 encoding');
  }
  if (hex.length * 4 < rule.bits) return unknown(`truncated ${rule.encoding}`);
  const partition = rule.partitions[numberAt(words, 11, 3)];
  if (partition === undefined) return unknown('partition value 7 is not assigned');
  if (!isZeroFrom(words, rule.bits)) return unknown(`bits set behind the end of ${rule.encoding}`);
  return decodeFields(words, rule, partition);
}

function decodeFields(
  words: EpcWords,
  rule: EncodingRule,
  partition: PartitionRule,
): KnownEpc | UnknownEpc {
  const filter = numberAt(words, 8, 3);
  const companyPrefix = digitsAt(words, prefixBits, partition.companyBits, partition.companyDigits);
  if (companyPrefix === undefined) return unknown('the company prefix has too many digits');
  const at = prefixBits + partition.companyBits;
  const reference = referenceAt(words, rule, partition, at);
  if (reference === undefined) return unknown('the reference cannot be encoded so');
  const serial = serialAt(words, rule, at + partition.referenceBits);
  if (serial === undefined) return unknown('the serial cannot be encoded so');
  return identityOf(rule, { filter, companyPrefix, reference, serial });
}

/** A GIAI has at most 30 characters (GS1 General Specifications 3.9.1). */
const giaiLength = 30;

function referenceAt(
  words: EpcWords,
  rule: EncodingRule,
  { companyDigits, referenceBits, referenceDigits }: PartitionRule,
  offset: number,
): string | undefined {
  if (referenceDigits !== undefined) return digitsAt(words, offset, referenceBits, referenceDigits);
  if (rule.encoding !== 'giai-202') return String(bigintAt(words, offset, referenceBits));
  const reference = textAt(words, offset, referenceBits);
  return reference !== undefined && companyDigits + reference.length <= giaiLength
    ? reference
    : undefined;
}

/** A number of exactly so many decimal digits, leading zeros included (TDS 14.4.3). */
function digitsAt(
  words: EpcWords,
  offset: number,
  bits: number,
  digits: number,
): string | undefined {
  const value = numberAt(words, offset, bits);
  if (digits === 0) return value === 0 ? '' : undefined;
  return value < 10 ** digits ? String(value).padStart(digits, '0') : undefined;
}

/** @returns `''` for an encoding without a serial of its own. */
function serialAt(words: EpcWords, { serial }: EncodingRule, offset: number): string | undefined {
  switch (serial.kind) {
    case 'number':
      return String(numberAt(words, offset, serial.bits));
    case 'text':
      return textAt(words, offset, serial.characters * 7);
    case 'none':
      return numberAt(words, offset, serial.zeroBits) === 0 ? '' : undefined;
  }
}

function identityOf(
  { encoding, scheme }: EncodingRule,
  fields: { filter: number; companyPrefix: string; reference: string; serial: string },
): KnownEpc {
  const { filter, companyPrefix, reference, serial } = fields;
  const known = { encoding, filter, companyPrefix };
  const prefix = `urn:epc:id:${scheme}:${companyPrefix}.`;
  switch (scheme) {
    case 'sgtin': {
      const gtin = reference.slice(0, 1) + companyPrefix + reference.slice(1);
      const uri = `${prefix}${reference}.${escapeUri(serial)}`;
      const gtin14 = gtin + checkDigit(gtin);
      return { scheme, uri, ...known, itemReference: reference, serial, gtin14 };
    }
    case 'sscc': {
      const sscc = reference.slice(0, 1) + companyPrefix + reference.slice(1);
      const sscc18 = sscc + checkDigit(sscc);
      return { scheme, uri: prefix + reference, ...known, serial: reference, sscc18 };
    }
    case 'sgln': {
      const gln = companyPrefix + reference;
      const uri = `${prefix}${reference}.${escapeUri(serial)}`;
      const gln13 = gln + checkDigit(gln);
      return { scheme, uri, ...known, locationReference: reference, serial, gln13 };
    }
    case 'grai': {
      const grai = companyPrefix + reference;
      const uri = `${prefix}${reference}.${escapeUri(serial)}`;
      const grai13 = grai + checkDigit(grai);
      return { scheme, uri, ...known, assetType: reference, serial, grai13 };
    }
    case 'giai': {
      const uri = prefix + escapeUri(reference);
      return { scheme, uri, ...known, serial: reference, giai: companyPrefix + reference };
    }
  }
}

/** TDS table A-1: what a URI cannot hold as it is. */
function escapeUri(text: string): string {
  return text.replace(
    /["%&/<>?]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The tag URI (TDS 12.1), which also says how the identity was written:
 * `urn:epc:tag:sgtin-96:3.…`.
 */
export function tagUriOf(epc: KnownEpc): string {
  const name = epc.uri.slice(`urn:epc:id:${epc.scheme}:`.length);
  return `urn:epc:tag:${epc.encoding}:${epc.filter}.${name}`;
}

function unknown(reason: string): UnknownEpc {
  return { scheme: 'unknown', reason };
}
