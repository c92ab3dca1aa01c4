const initialBytes = 65_536;
/** UTF-8 takes at most this per UTF-16 code unit. */
const maxUnitBytes = 3;
/** A safe integer with its sign. */
const maxNumberBytes = 17;
const halfDigits = 8;
const half = 1e8;
const zero = 0x30;
const minus = 0x2d;
/** From here on, calling the engine's own copy is cheaper than a loop. */
const longText = 64;

/**
 * Text in the making, as UTF-8. What is put together here byte by byte costs a quarter of joining
 * strings, which leaves several times its length as garbage (`npm run bench -- ingest`).
 */
export class TextBuffer {
  #bytes = Buffer.allocUnsafeSlow(initialBytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): this {
    this.#length = 0;
    return this;
  }

  /** Text of one byte per character: the caller knows that it is ASCII. */
  ascii(text: string): this {
    this.#room(text.length);
    if (text.length >= longText) {
      this.#length += this.#bytes.write(text, this.#length, 'latin1');
      return this;
    }
    const bytes = this.#bytes;
    const at = this.#length;
    for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index);
    this.#length = at + text.length;
    return this;
  }

  /** Any text without lone surrogates. */
  text(text: string): this {
    this.#room(text.length * maxUnitBytes);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
    return this;
  }

  /** A safe integer in decimal digits. */
  number(value: number): this {
    this.#room(maxNumberBytes);
    let rest = value;
    if (value < 0) {
      this.#bytes[this.#length++] = minus;
      rest = -value;
    }
    // In two halves, since the engine divides integers of 32 bits several times faster.
    const high = Math.floor(rest / half);
    if (high > 0) this.#digits(high, digitsOf(high));
    this.#digits(rest - high * half, high > 0 ? halfDigits : digitsOf(rest));
    return this;
  }

  #digits(value: number, count: number): void {
    const bytes = this.#bytes;
    const start = this.#length;
    let rest = value | 0;
    for (let at = start + count - 1; at >= start; at -= 1) {
      const tenth = (rest / 10) | 0;
      bytes[at] = zero + (rest - tenth * 10);
      rest = tenth;
    }
    this.#length = start + count;
  }

  /** A part of another one's text. */
  part(of: TextBuffer, from: number, until: number): this {
    this.#room(until - from);
    of.#bytes.copy(this.#bytes, this.#length, from, until);
    this.#length += until - from;
    return this;
  }

  /** What is there, until it changes. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, needed));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits += 1;
  return digits;
}
