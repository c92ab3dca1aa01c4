import { assert } from '#contracts/assert.ts';
import { encodingRules } from './epc-schemes.ts';
import type { PartitionRule } from './epc-schemes.ts';

const digitsOnly = /^\d+$/;
const maxSgtin96Serial = 2 ** 38 - 1;

/**
 * Writes an SGTIN-96 as 24 upper-case hex digits (TDS 14.6.1.1).
 *
 * @param sgtin `companyPrefix` of 6 to 12 digits, `itemReference` (indicator digit first) filling
 * up to 13 digits with it, `serial` up to 2^38 − 1, `filter` 0 to 7 (1 = point of sale item)
 */
export function encodeSgtin96(sgtin: {
  readonly companyPrefix: string;
  readonly itemReference: string;
  readonly serial: number;
  readonly filter?: number;
}): string {
  const { serial, filter = 1 } = sgtin;
  assert(
    Number.isSafeInteger(serial) && serial >= 0 && serial <= maxSgtin96Serial,
    'an SGTIN-96 serial has 38 bits',
  );
  return encode(0x30, filter, sgtin.companyPrefix, sgtin.itemReference, BigInt(serial), 38);
}

/**
 * Writes an SSCC-96 as 24 upper-case hex digits (TDS 14.6.2.1).
 *
 * @param sscc `companyPrefix` of 6 to 12 digits, `serialReference` (extension digit first)
 * filling up to 17 digits with it, `filter` 0 to 7 (2 = full case)
 */
export function encodeSscc96(sscc: {
  readonly companyPrefix: string;
  readonly serialReference: string;
  readonly filter?: number;
}): string {
  return encode(0x31, sscc.filter ?? 2, sscc.companyPrefix, sscc.serialReference, 0n, 24);
}

function encode(
  header: number,
  filter: number,
  companyPrefix: string,
  reference: string,
  tail: bigint,
  tailBits: number,
): string {
  assert(Number.isInteger(filter) && filter >= 0 && filter <= 7, 'a filter value has 3 bits');
  const row = partitionOf(header, companyPrefix, reference);
  const fields: readonly (readonly [value: bigint, bits: number])[] = [
    [BigInt(header), 8],
    [BigInt(filter), 3],
    [BigInt(12 - row.companyDigits), 3],
    [BigInt(companyPrefix), row.companyBits],
    [BigInt(reference), row.referenceBits],
    [tail, tailBits],
  ];
  const value = fields.reduce((sum, [field, bits]) => (sum << BigInt(bits)) | field, 0n);
  return value.toString(16).padStart(24, '0').toUpperCase();
}

function partitionOf(header: number, companyPrefix: string, reference: string): PartitionRule {
  const row = encodingRules.get(header)?.partitions[12 - companyPrefix.length];
  assert(
    row !== undefined && digitsOnly.test(companyPrefix),
    'a company prefix has 6 to 12 digits',
  );
  assert(
    reference.length === row.referenceDigits && digitsOnly.test(reference),
    `the reference beside "${companyPrefix}" has ${row.referenceDigits ?? 'other'} digits`,
  );
  return row;
}
