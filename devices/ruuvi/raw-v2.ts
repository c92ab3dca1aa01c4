/** What data format 5 says, as far as it is there. */
export interface RawV2 {
  readonly temperatureC: number | undefined;
  readonly humidityPercent: number | undefined;
  /** Counts measurements, 0 to 65534; several advertisements may carry one measurement. */
  readonly sequence: number | undefined;
  /** Twelve digits of hex, large. */
  readonly mac: string | undefined;
}

export const rawV2Format = 5;
const rawV2Bytes = 24;

/**
 * Reads RAWv2 (Ruuvi, data format 5), big endian. What is not available has the least of signed and
 * the greatest of unsigned values.
 *
 * @returns undefined where the bytes are of another format or too few.
 */
export function readRawV2(bytes: Uint8Array): RawV2 | undefined {
  if (bytes[0] !== rawV2Format || bytes.length < rawV2Bytes) return undefined;
  const data = new DataView(bytes.buffer, bytes.byteOffset, rawV2Bytes);
  const temperature = data.getInt16(1);
  const humidity = data.getUint16(3);
  const sequence = data.getUint16(16);
  const mac = Buffer.from(bytes.subarray(18, rawV2Bytes)).toString('hex').toUpperCase();
  return {
    temperatureC: temperature === -0x8000 ? undefined : temperature / 200,
    humidityPercent: humidity === 0xffff ? undefined : humidity / 400,
    sequence: sequence === 0xffff ? undefined : sequence,
    mac: mac === 'F'.repeat(12) ? undefined : mac,
  };
}
