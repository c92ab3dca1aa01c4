import type { CodeTrouble, ScannedCode } from '#contracts/kinds/scan-kinds.ts';
import { expandUpcE, gtinOf, isRestricted, looksLikeGtin } from './bare-gtin.ts';
import { carrierOf, type Carrier } from './carrier.ts';
import { parseDigitalLink } from './digital-link.ts';
import {
  groupSeparator,
  parseBracketed,
  parseElementString,
  type CodeElement,
  type ElementsRead,
} from './element-string.ts';
import { gs1Date } from './gs1-date.ts';
import { measureOf } from './measure-units.ts';

export interface CodeContext {
  /** As the scanner names it; a symbology identifier in the text counts more. */
  readonly symbology?: string | undefined;
  /** When the code was scanned: two-digit years need it. */
  readonly scannedAtMs: number;
}

/**
 * Reads a scanned code. What cannot be read is kept as text, with the reason where the code says,
 * or looks as if, it were GS1's. Nothing is guessed: without a symbology identifier a text counts
 * as an element string only if it begins with an SSCC or GTIN and reads to its end, and digits
 * count as a GTIN only if their number and check digit are right. Never throws.
 */
export function readCode(text: string, { symbology, scannedAtMs }: CodeContext): ScannedCode {
  const { carrier, data } = carrierOf(text, symbology);
  // Scanners that play keyboard end a code with Enter or Tab.
  const trimmed = data.replace(/[\r\n\t ]+$/, '');
  const kept = text.toWellFormed();
  const link = parseDigitalLink(trimmed);
  if (link !== undefined) return codeOf('digital-link', kept, link, scannedAtMs);
  if (/^\(\d{2,4}\)\S/.test(trimmed)) {
    return codeOf('element-string', kept, parseBracketed(trimmed), scannedAtMs);
  }
  const elements = elementsIn(trimmed, carrier);
  if (elements !== undefined) return codeOf('element-string', kept, elements, scannedAtMs);
  return bareCode(kept, trimmed, carrier);
}

/** @returns undefined where nothing says that this is an element string. */
function elementsIn(data: string, carrier: Carrier): ElementsRead | undefined {
  if (carrier === 'gs1') return parseElementString(data);
  if (carrier !== 'unsaid' && carrier !== 'unknown') return undefined;
  if (data.startsWith(groupSeparator)) return parseElementString(data);
  if (!/^0[0-2]\d{14}/.test(data)) return undefined;
  const read = parseElementString(data);
  return read.ok || read.trouble === 'check-digit' ? read : undefined;
}

function bareCode(text: string, data: string, carrier: Carrier): ScannedCode {
  const isGtinSymbol = carrier === 'gtin' || carrier === 'upc-e';
  const isCandidate = carrier === 'unknown' || (carrier === 'itf' && data.length === 14);
  const digits = carrier === 'upc-e' && data.length === 8 ? expandUpcE(data) : data;
  const gtin = digits !== undefined && (isGtinSymbol || isCandidate) ? gtinOf(digits) : undefined;
  if (gtin !== undefined) return { ...gtinFields(gtin), elements: [], form: 'gtin', text };
  return isGtinSymbol && looksLikeGtin(data) ? asText(text, 'check-digit') : asText(text);
}

function asText(text: string, trouble?: CodeTrouble): ScannedCode {
  return { elements: [], form: 'text', text, ...(trouble !== undefined && { trouble }) };
}

function codeOf(
  form: 'element-string' | 'digital-link',
  text: string,
  read: ElementsRead,
  scannedAtMs: number,
): ScannedCode {
  if (!read.ok) return asText(text, read.trouble);
  const elements = [...read.elements];
  const measures = elements.flatMap((element) => measureOf(element) ?? []);
  const code: ScannedCode = { elements, form, ...(measures.length > 0 && { measures }), text };
  for (const element of elements) Object.assign(code, fieldOf(element, scannedAtMs));
  return code;
}

type Fields = Partial<ScannedCode>;

/** The elements that stock is about, under names. */
function fieldOf({ ai, value }: CodeElement, scannedAtMs: number): Fields {
  switch (ai) {
    case '00':
      return { sscc: value };
    case '01':
      return gtinFields(value);
    case '02':
      return { contentGtin: value };
    case '10':
      return { lot: value };
    case '11':
      return { producedOn: gs1Date(value, scannedAtMs) };
    case '13':
      return { packedOn: gs1Date(value, scannedAtMs) };
    case '15':
      return { bestBefore: gs1Date(value, scannedAtMs) };
    case '17':
      return { expiresOn: gs1Date(value, scannedAtMs) };
    case '21':
      return { serial: value };
    case '30':
    case '37':
      return { count: Number(value) };
    case '414':
      return { gln: value };
    case '8003':
      // The first digit only fills the field up; the GRAI follows.
      return { grai: value.slice(1) };
    case '8004':
      return { giai: value };
    default:
      return {};
  }
}

function gtinFields(gtin: string): Fields {
  return isRestricted(gtin) ? { gtin, restricted: true } : { gtin };
}
