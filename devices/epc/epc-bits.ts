/**
 * The bits of an EPC as 32-bit words, first bit highest: cheap to cut numbers from without
 * BigInt.
 */
export type EpcWords = readonly number[];

/** @returns undefined where a character is no hex digit. Digits missing in the last word are 0. */
export function wordsOfHex(hex: string): EpcWords | undefined {
  const words: number[] = [];
  for (let at = 0; at < hex.length; at += 8) {
    let word = 0;
    for (let digit = at; digit < at + 8; digit += 1) {
      const value = digit < hex.length ? hexValue(hex.charCodeAt(digit)) : 0;
      if (value < 0) return undefined;
      word = word * 16 + value;
    }
    words.push(word);
  }
  return words;
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code & ~0x20;
  return letter >= 0x41 && letter <= 0x46 ? letter - 0x37 : -1;
}

/** The number in `length` bits (at most 53) from bit `offset`; bits behind the end are 0. */
export function numberAt(words: EpcWords, offset: number, length: number): number {
  let value = 0;
  let at = offset;
  let left = length;
  while (left > 0) {
    const inWord = at & 31;
    const take = Math.min(32 - inWord, left);
    const word = words[at >>> 5] ?? 0;
    const part = Math.floor(word / 2 ** (32 - inWord - take)) % 2 ** take;
    value = value * 2 ** take + part;
    at += take;
    left -= take;
  }
  return value;
}

/** As numberAt, for longer fields. */
export function bigintAt(words: EpcWords, offset: number, length: number): bigint {
  let value = 0n;
  for (let done = 0; done < length; done += 32) {
    const take = Math.min(32, length - done);
    value = (value << BigInt(take)) | BigInt(numberAt(words, offset + done, take));
  }
  return value;
}

/** Whether all bits from `offset` to the end of the last word are 0. */
export function isZeroFrom(words: EpcWords, offset: number): boolean {
  const end = words.length * 32;
  for (let at = offset; at < end; at += 32 - (at & 31)) {
    if (numberAt(words, at, 32 - (at & 31)) !== 0) return false;
  }
  return true;
}

/** TDS table A-1: the characters that serials and asset references may hold. */
const serialShape = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/;

/**
 * A string of 7-bit characters, ended by zeros (TDS 14.4.2), in `length` bits.
 *
 * @returns undefined where it is empty, goes on after its end, or holds another character.
 */
export function textAt(words: EpcWords, offset: number, length: number): string | undefined {
  let text = '';
  let at = offset;
  for (; at + 7 <= offset + length; at += 7) {
    const code = numberAt(words, at, 7);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  for (let rest = at; rest < offset + length; rest += 7) {
    if (numberAt(words, rest, Math.min(7, offset + length - rest)) !== 0) return undefined;
  }
  return serialShape.test(text) ? text : undefined;
}
