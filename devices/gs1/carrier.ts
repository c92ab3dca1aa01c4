/**
 * What the symbol itself says about its data:
 * - `gs1`: an element string (FNC1 in first position);
 * - `gtin`, `upc-e`, `itf`: a bare GTIN, for ITF perhaps;
 * - `plain`: anything but an element string;
 * - `unsaid`: the scanner names a symbology that may carry element strings, but no bare GTIN;
 * - `unknown`: the scanner names nothing.
 */
export type Carrier = 'gs1' | 'gtin' | 'upc-e' | 'itf' | 'plain' | 'unsaid' | 'unknown';

/** Symbology identifiers of ISO/IEC 15424 that GS1 General Specifications 5.1.2 names. */
const byIdentifier: Readonly<Record<string, Carrier>> = {
  ']C1': 'gs1', // GS1-128
  ']d2': 'gs1', // GS1 DataMatrix
  ']e0': 'gs1', // GS1 DataBar
  ']J1': 'gs1', // GS1 DotCode
  ']Q3': 'gs1', // GS1 QR Code
  ']E0': 'gtin', // EAN-13, UPC-A, UPC-E expanded
  ']E4': 'gtin', // EAN-8
  ']I0': 'itf',
  ']I1': 'itf',
};

/** Names that scanners give, in upper case without anything but letters and digits. */
const byName: readonly (readonly [RegExp, Carrier])[] = [
  [/^(?:GS1|EAN128|UCC|DATABAR|RSS)/, 'gs1'],
  [/^UPCE/, 'upc-e'],
  [/^(?:EAN|UPC|JAN)/, 'gtin'],
  [/^(?:ITF|I2OF5|I25|INTERLEAVED)/, 'itf'],
];

/** Takes the symbology identifier off, if one is there. Without it the scanner's name counts. */
export function carrierOf(
  text: string,
  symbology: string | undefined,
): { readonly carrier: Carrier; readonly data: string } {
  const identifier = /^\][A-Za-z][0-9A-Za-z]/.exec(text)?.[0];
  if (identifier !== undefined) {
    return { carrier: byIdentifier[identifier] ?? 'plain', data: text.slice(3) };
  }
  if (symbology === undefined) return { carrier: 'unknown', data: text };
  const name = symbology
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')
    .replace(/^LABELTYPE/, '');
  const carrier = byName.find(([shape]) => shape.test(name))?.[1] ?? 'unsaid';
  return { carrier, data: text };
}
