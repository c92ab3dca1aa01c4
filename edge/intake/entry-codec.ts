import { crc32 } from 'node:zlib';
import { encodeCanonical } from '#contracts/canonical.ts';
import { Fault } from '#contracts/fault.ts';
import type { IntakeBody, IntakeEntry } from './intake-entry.ts';

/**
 * A batch of intake entries as bytes. Little endian; `varint` is LEB128; text is UTF-8 behind its
 * length.
 *
 *     version u8 | CRC-32 of all that follows u32 | first position u48 | base time u48 | count u32
 *     entry: form u8 | milliseconds since the entry before it varint | body
 *
 * A message, which is nearly every entry, has a form of its own; what is rare is canonical JSON.
 */
const version = 1;
const headerBytes = 21;
const form = { message: 0, refused: 1, other: 2 } as const;
const initialBytes = 65_536;
/** A varint of a safe integer takes at most this. */
const varintBytes = 8;

/** A message whose payload still lies among other bytes: from `from` up to, not with, `to`. */
export interface MessageBytes {
  readonly device: string;
  readonly channel: string;
  readonly qos: number;
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Collects entries, already encoded, so that nothing of the network's buffers is held on to. */
export class BatchEncoder {
  #buffer = Buffer.allocUnsafeSlow(initialBytes);
  #at = headerBytes;
  #count = 0;
  #baseMs = 0;
  #lastMs = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#at;
  }

  /** Times must not go back within a batch. */
  add(receivedAtMs: number, body: IntakeBody): void {
    if (body.type === 'message') {
      const bytes = bufferOf(body.payload);
      this.addMessage(receivedAtMs, { ...body, bytes, from: 0, to: bytes.length });
    } else if (body.type === 'refused') {
      const { head, ...rest } = body;
      this.#putHead(form.refused, receivedAtMs);
      this.#putText(encodeCanonical(rest));
      this.#putBytes(bufferOf(head), 0, head.length);
    } else {
      this.#putHead(form.other, receivedAtMs);
      this.#putText(encodeCanonical(body));
    }
  }

  /** As `add`. */
  addMessage(receivedAtMs: number, message: MessageBytes): void {
    const { device, channel, qos, bytes, from, to } = message;
    this.#putHead(form.message, receivedAtMs);
    this.#putText(device);
    this.#putText(channel);
    this.#room(1);
    this.#buffer[this.#at++] = qos;
    this.#putBytes(bytes, from, to);
  }

  /** The finished batch; the encoder is empty afterwards. */
  take(firstPos: number): Buffer {
    const buffer = this.#buffer;
    const end = this.#at;
    buffer[0] = version;
    buffer.writeUIntLE(firstPos, 5, 6);
    buffer.writeUIntLE(this.#baseMs, 11, 6);
    buffer.writeUInt32LE(this.#count, 17);
    buffer.writeUInt32LE(crc32(buffer.subarray(5, end)), 1);
    if (end > initialBytes * 16) this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
    this.#at = headerBytes;
    this.#count = 0;
    return Buffer.from(buffer.subarray(0, end));
  }

  #putHead(entryForm: number, receivedAtMs: number): void {
    if (this.#count === 0) this.#baseMs = this.#lastMs = receivedAtMs;
    this.#room(varintBytes + 1);
    this.#buffer[this.#at++] = entryForm;
    this.#putVarint(receivedAtMs - this.#lastMs);
    this.#lastMs = receivedAtMs;
    this.#count += 1;
  }

  /** Names are short and nearly always ASCII: copying these here is cheaper than calling out. */
  #putText(text: string): void {
    this.#room(text.length + varintBytes);
    const startAt = this.#at;
    this.#putVarint(text.length);
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) {
        this.#at = startAt;
        const bytes = Buffer.from(text, 'utf8');
        this.#putBytes(bytes, 0, bytes.length);
        return;
      }
      this.#buffer[this.#at++] = code;
    }
  }

  #putBytes(bytes: Buffer, from: number, to: number): void {
    const length = to - from;
    this.#room(length + varintBytes);
    this.#putVarint(length);
    bytes.copy(this.#buffer, this.#at, from, to);
    this.#at += length;
  }

  #putVarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#at++] = rest;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/**
 * Reads a batch back: exactly the entries that were added. Payloads are views of `bytes`.
 *
 * @throws Fault STORE_BROKEN for a batch that is damaged, misplaced or of a newer release.
 */
export function decodeBatch(bytes: Buffer, firstPos: number): IntakeEntry[] {
  if (bytes.length < headerBytes || bytes[0] !== version) {
    throw new Fault('STORE_BROKEN', `the intake batch at ${firstPos} has an unknown form`);
  }
  if (bytes.readUInt32LE(1) !== crc32(bytes.subarray(5))) {
    throw new Fault('STORE_BROKEN', `the intake batch at ${firstPos} is damaged`);
  }
  if (bytes.readUIntLE(5, 6) !== firstPos) {
    throw new Fault('STORE_BROKEN', `the intake batch at ${firstPos} belongs elsewhere`);
  }
  const count = bytes.readUInt32LE(17);
  const reader = new BatchReader(bytes);
  const entries: IntakeEntry[] = [];
  let receivedAtMs = bytes.readUIntLE(11, 6);
  for (let index = 0; index < count; index += 1) {
    const entryForm = reader.byte();
    receivedAtMs += reader.varint();
    entries.push({ pos: firstPos + index, receivedAtMs, body: reader.body(entryForm) });
  }
  return entries;
}

/** A cursor over checked bytes: what is out of place here is a fault of this release. */
class BatchReader {
  readonly #bytes: Buffer;
  #at = headerBytes;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#at++);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  bytes(): Buffer {
    const length = this.varint();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    const length = this.varint();
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  body(entryForm: number): IntakeBody {
    switch (entryForm) {
      case form.message:
        return {
          type: 'message',
          device: this.text(),
          channel: this.text(),
          qos: this.byte(),
          payload: this.bytes(),
        };
      case form.refused: {
        const rest = JSON.parse(this.text()) as Omit<RefusedBody, 'head'>;
        return { ...rest, head: this.bytes() };
      }
      case form.other:
        return JSON.parse(this.text()) as IntakeBody;
      default:
        throw new Fault('STORE_BROKEN', `an intake entry has the unknown form ${entryForm}`);
    }
  }
}

type RefusedBody = Extract<IntakeBody, { type: 'refused' }>;
