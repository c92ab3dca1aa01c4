import type { Static } from 'typebox';
import Type from 'typebox';
import { closed, count, name, oneOf } from '../schema.ts';

/** What the observers say about codes that somebody read: evidence, not stock. */

/**
 * How a code was understood: GS1 element string, GS1 Digital Link URI, a bare GTIN (EAN-13, EAN-8,
 * UPC-A, UPC-E, ITF-14), or as nothing but its text.
 */
const codeForms = ['element-string', 'digital-link', 'gtin', 'text'] as const;

/**
 * Why a code that claims to be GS1's is kept as text: a check digit is wrong, an application
 * identifier is unknown, a value does not fit its identifier, a link is compressed.
 */
const codeTroubles = ['check-digit', 'unknown-identifier', 'bad-value', 'compressed-link'] as const;

const digits = (length: number) => Type.String({ pattern: `^[0-9]{${length}}$` });
const day = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' });
const upTo = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** One application identifier with its value, as in the code. */
const codeElement = closed({
  ai: Type.String({ pattern: '^[0-9]{2,4}$' }),
  value: upTo(90),
});

/** A trade or logistic measure: `value` × 10^−`decimals` of the unit. `ai` without its last digit. */
const codeMeasure = closed({
  ai: Type.String({ pattern: '^3[0-9]{2}$' }),
  decimals: Type.Integer({ minimum: 0, maximum: 9 }),
  unit: upTo(8),
  value: count,
});

/**
 * A code as it was read and what it says. GTINs have 14 digits; check digits were verified. Codes
 * that cannot be read are kept: then there are no elements and, where it claimed to be GS1's,
 * `trouble` says why.
 */
export const scannedCode = closed({
  bestBefore: Type.Optional(day),
  /** GTIN of what a logistic unit contains (AI 02); `count` says how many. */
  contentGtin: Type.Optional(digits(14)),
  /** AI 30 or 37. */
  count: Type.Optional(count),
  elements: Type.Array(codeElement, { maxItems: 60 }),
  expiresOn: Type.Optional(day),
  form: oneOf(codeForms),
  giai: Type.Optional(upTo(30)),
  /** AI 414: the place itself. Other roles of a GLN (410–417) are in the elements. */
  gln: Type.Optional(digits(13)),
  grai: Type.Optional(upTo(29)),
  gtin: Type.Optional(digits(14)),
  lot: Type.Optional(upTo(20)),
  measures: Type.Optional(Type.Array(codeMeasure, { minItems: 1, maxItems: 60 })),
  packedOn: Type.Optional(day),
  producedOn: Type.Optional(day),
  /** A restricted circulation number: it identifies within one company or region only. */
  restricted: Type.Optional(Type.Literal(true)),
  serial: Type.Optional(upTo(20)),
  sscc: Type.Optional(digits(18)),
  text: Type.String({ maxLength: 2048 }),
  trouble: Type.Optional(oneOf(codeTroubles)),
});
export type ScannedCode = Static<typeof scannedCode>;
export type CodeTrouble = (typeof codeTroubles)[number];

/** `scan` is the scanner's own id of this scan: with the device it is applied once. */
export const scanRead = closed({
  code: scannedCode,
  scan: Type.String({ minLength: 1, maxLength: 120 }),
  symbology: Type.Optional(upTo(60)),
  zone: Type.Optional(name),
});
