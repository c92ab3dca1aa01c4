/**
 * A UUID as devices and servers make them: version 7 (RFC 9562, 5.7), time first. Its chance comes
 * from the world, so that equal runs differ in nothing but their time.
 *
 * @param atMs wall time in ms.
 * @param number tells ids of one device and one millisecond apart.
 * @param chance 32 bits.
 */
export function deviceUuid(atMs: number, number: number, chance: number): string {
  const time = hex(atMs, 12);
  const low = hex(number % 0x1000, 3);
  const variant = hex(0x8000 + (Math.floor(number / 0x1000) % 0x4000), 4);
  const rest = hex(chance, 8) + hex(number % 0x10000, 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${low}-${variant}-${rest}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0').slice(-digits);
}
