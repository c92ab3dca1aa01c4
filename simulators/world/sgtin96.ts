/** What a serial item's tag says: GS1 company prefix, item reference with indicator, serial. */
export interface Sgtin {
  /** 7 digits. */
  readonly companyPrefix: number;
  /** 6 digits, the first being the indicator. */
  readonly itemReference: number;
  /** Below 2^38. */
  readonly serial: number;
}

/**
 * Writes the 96 bits of an SGTIN-96 with a 7-digit company prefix as upper-case hex: header 0x30,
 * filter 3, partition 5, prefix 24 bits, reference 20 bits, serial 38 bits (GS1 TDS 14.6.1).
 * The simulators write tags on their own, so that they prove the decoder instead of repeating it.
 */
export function encodeSgtin96(of: Sgtin): string {
  const bits =
    (0x30n << 88n) |
    (3n << 85n) |
    (5n << 82n) |
    (BigInt(of.companyPrefix) << 58n) |
    (BigInt(of.itemReference) << 38n) |
    BigInt(of.serial);
  return bits.toString(16).toUpperCase().padStart(24, '0');
}
