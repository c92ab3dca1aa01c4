/**
 * The binary encodings of the GS1 Tag Data Standard 1.13 that are read here, as data: section 14.6
 * and its partition tables. Every one of them begins header (8 bits), filter (3), partition (3).
 */
export type EpcEncoding =
  | 'sgtin-96'
  | 'sgtin-198'
  | 'sscc-96'
  | 'sgln-96'
  | 'sgln-195'
  | 'grai-96'
  | 'grai-170'
  | 'giai-96'
  | 'giai-202';

export type EpcScheme = 'sgtin' | 'sscc' | 'sgln' | 'grai' | 'giai';

export interface EncodingRule {
  readonly encoding: EpcEncoding;
  readonly scheme: EpcScheme;
  readonly bits: number;
  /** Bits of company prefix and reference together; a text reference of GIAI-202 counts as none. */
  readonly partitions: readonly PartitionRule[];
  /** How the serial is written: a number of so many bits, so many characters of 7 bits, or none. */
  readonly serial: SerialRule;
}

export type SerialRule =
  | { readonly kind: 'number'; readonly bits: number }
  | { readonly kind: 'text'; readonly characters: number }
  | { readonly kind: 'none'; readonly zeroBits: number };

/** One row of a partition table. A reference of `digits` undefined has no fixed length (GIAI). */
export interface PartitionRule {
  readonly companyBits: number;
  readonly companyDigits: number;
  readonly referenceBits: number;
  readonly referenceDigits: number | undefined;
}

/** Partition value 0 to 6: 12 down to 6 digits of company prefix, the same in every scheme. */
const companies = [
  { companyBits: 40, companyDigits: 12 },
  { companyBits: 37, companyDigits: 11 },
  { companyBits: 34, companyDigits: 10 },
  { companyBits: 30, companyDigits: 9 },
  { companyBits: 27, companyDigits: 8 },
  { companyBits: 24, companyDigits: 7 },
  { companyBits: 20, companyDigits: 6 },
] as const;

/** Company and reference share `sharedBits` bits and, where it is fixed, `sharedDigits` digits. */
function partitions(sharedBits: number, sharedDigits?: number): readonly PartitionRule[] {
  return companies.map((company) => ({
    ...company,
    referenceBits: sharedBits - company.companyBits,
    referenceDigits: sharedDigits === undefined ? undefined : sharedDigits - company.companyDigits,
  }));
}

/** Keyed by the header byte (TDS 14.2). */
export const encodingRules: ReadonlyMap<number, EncodingRule> = new Map<number, EncodingRule>([
  [0x30, rule('sgtin-96', 'sgtin', 96, partitions(44, 13), { kind: 'number', bits: 38 })],
  [0x31, rule('sscc-96', 'sscc', 96, partitions(58, 17), { kind: 'none', zeroBits: 24 })],
  [0x32, rule('sgln-96', 'sgln', 96, partitions(41, 12), { kind: 'number', bits: 41 })],
  [0x33, rule('grai-96', 'grai', 96, partitions(44, 12), { kind: 'number', bits: 38 })],
  [0x34, rule('giai-96', 'giai', 96, partitions(82), { kind: 'none', zeroBits: 0 })],
  [0x36, rule('sgtin-198', 'sgtin', 198, partitions(44, 13), { kind: 'text', characters: 20 })],
  [0x37, rule('grai-170', 'grai', 170, partitions(44, 12), { kind: 'text', characters: 16 })],
  [0x38, rule('giai-202', 'giai', 202, partitions(188), { kind: 'none', zeroBits: 0 })],
  [0x39, rule('sgln-195', 'sgln', 195, partitions(41, 12), { kind: 'text', characters: 20 })],
]);

/** What the header says it is, before anything else of it is looked at. Hex in either case. */
export function announcedScheme(hex: string): EpcScheme | undefined {
  return encodingRules.get(Number.parseInt(hex.slice(0, 2), 16))?.scheme;
}

function rule(
  encoding: EpcEncoding,
  scheme: EpcScheme,
  bits: number,
  rows: readonly PartitionRule[],
  serial: SerialRule,
): EncodingRule {
  return { encoding, scheme, bits, partitions: rows, serial };
}

/** Header, filter and partition. */
export const prefixBits = 14;
