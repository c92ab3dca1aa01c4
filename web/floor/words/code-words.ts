import type { FloorFound } from '#contracts/api/floor-api.ts';
import { unitNumber } from './act-words.ts';

/** What a code says, name by name; a plain text says itself. */
export function codeLines({ code, epc, lot, unit, item }: FloorFound): readonly [string, string][] {
  const { gtin, serial, sscc, bestBefore, expiresOn, count, gln, giai } = code;
  const said: readonly (readonly [string, string | number | null | undefined])[] = [
    ['GTIN', gtin],
    ['Item', item?.item === gtin ? undefined : item?.item],
    ['Serial', serial],
    ['Lot', lot ?? code.lot],
    ['Best before', bestBefore],
    ['Expires', expiresOn],
    ['Count', count],
    ['SSCC', sscc],
    ['Unit', sscc === undefined && unit !== null ? unitNumber(unit) : undefined],
    ['Place', gln],
    ['Asset', giai],
    ['EPC', epc],
  ];
  const lines = said.flatMap(([name, value]): [string, string][] =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  );
  // Control characters are not for the eye.
  return lines.length === 0 ? [['Code', code.text.replaceAll('\u001d', ' ␝ ')]] : lines;
}
