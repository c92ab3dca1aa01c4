import { encodeSgtin96 } from '../../devices/epc/encode-epc.ts';

const maxSgtin96Serial = 2 ** 38 - 1;

/**
 * The EPCs that an item's tag may carry for a GTIN and serial of a barcode. A barcode does not say
 * how long the company prefix is, nor the filter value, so there are several: SGTIN-96 with every
 * prefix length, the commonest (seven digits, filter 1) first. Serials that are no plain number
 * have no SGTIN-96.
 */
export function sgtinCandidates(gtin14: string, serial: string): string[] {
  if (!/^(?:0|[1-9]\d{0,11})$/.test(serial) || Number(serial) > maxSgtin96Serial) return [];
  const lengths = [7, 8, 9, 10, 11, 12, 6];
  const filters = [1, 0, 2, 3, 4, 5, 6, 7];
  return lengths.flatMap((length) =>
    filters.map((filter) =>
      encodeSgtin96({
        companyPrefix: gtin14.slice(1, 1 + length),
        itemReference: gtin14.slice(0, 1) + gtin14.slice(1 + length, 13),
        serial: Number(serial),
        filter,
      }),
    ),
  );
}
