const hexShape = /^[0-9A-Fa-f]+$/;

/** An EPC bank holds at most 496 bits; readers never report more hex digits than this. */
const maxDigits = 128;

/**
 * The hex of an EPC as reported, in upper case and otherwise untouched: odd lengths, foreign and
 * blank (all-zero) identifiers are kept, because a tag that nobody knows is still a tag.
 *
 * @returns undefined where the text is no hex, or empty: that names no tag, and all such would be one.
 */
export function readEpcHex(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > maxDigits || !hexShape.test(value)) {
    return undefined;
  }
  return value.toUpperCase();
}

/** Either alphabet of RFC 4648 (4 and 5); both in one text is neither. */
const base64Shape = /^(?:[A-Za-z0-9+/]+|[\w-]+)={0,2}$/;

/** The hex of an EPC that came as base64 or base64url. @returns undefined where the text is no base64. */
export function readEpcBase64(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > maxDigits || !base64Shape.test(value)) {
    return undefined;
  }
  if (value.length % 4 === 1) return undefined;
  const hex = Buffer.from(value, 'base64').toString('hex').toUpperCase();
  return hex.length > maxDigits || hex === '' ? undefined : hex;
}
