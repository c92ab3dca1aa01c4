/** Manufacturer specific data (Bluetooth assigned numbers, 2.3), and Ruuvi's company identifier. */
const manufacturerType = 0xff;
const ruuviCompany = 0x0499;

/**
 * Finds Ruuvi's own data in a Bluetooth advertisement: structures one behind the other, each a
 * length, a type and data (Core specification, volume 3, part C, 11).
 *
 * @returns undefined where the advertisement is of somebody else, or is cut off before it.
 */
export function ruuviDataOf(advertisement: Uint8Array): Uint8Array | undefined {
  let at = 0;
  while (at < advertisement.length) {
    const length = advertisement[at] ?? 0;
    const end = at + 1 + length;
    // A length of 0 begins the padding.
    if (length === 0 || end > advertisement.length) return undefined;
    const [type, low = 0, high = 0] = advertisement.subarray(at + 1, end);
    if (type === manufacturerType && length > 3 && low + high * 256 === ruuviCompany) {
      return advertisement.subarray(at + 4, end);
    }
    at = end;
  }
  return undefined;
}
