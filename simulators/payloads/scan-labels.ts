import type { Label } from '../world/emission.ts';
import type { Sgtin } from '../world/sgtin96.ts';

/** What a scanner reads off a label. */
export interface LabelCode {
  readonly text: string;
  readonly symbology: string;
}

/** Ends a value of variable length in a GS1 element string. */
const groupSeparator = '\u001d';

/**
 * The code that is printed on a label: of an item a GS1-128 element string with GTIN, lot and
 * serial, or on every third one a GS1 Digital Link; of a shelf a text of the warehouse's own.
 */
export function codeOf(label: Label): LabelCode {
  if (label.type === 'shelf') return { text: label.text, symbology: 'CODE128' };
  const { sgtin } = label;
  const gtin = gtin14(sgtin);
  const { serial } = sgtin;
  if (serial % 3 === 0) {
    return { text: `https://id.gs1.org/01/${gtin}/21/${serial}`, symbology: 'QR' };
  }
  const lot = `L${serial % 100}`;
  const text = `]C101${gtin}10${lot}${groupSeparator}21${serial}`;
  return { text, symbology: 'GS1-128' };
}

/** Indicator, company prefix, reference and check digit (GS1 General Specifications, 7.9). */
function gtin14({ companyPrefix, itemReference }: Sgtin): string {
  const reference = String(itemReference).padStart(6, '0');
  const digits = `${reference.slice(0, 1)}${companyPrefix}${reference.slice(1)}`;
  let sum = 0;
  for (const [index, digit] of digits.split('').entries()) {
    sum += Number(digit) * (index % 2 === 0 ? 3 : 1);
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
