import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { FrameReader } from './frame-reader.ts';

interface Taken {
  readonly topic: string;
  readonly qos: number;
  readonly packetId: number;
  readonly payload: string;
}

/** Feeds chunks to a reader that is open to devices, all of them in the same memory. */
function readAll(chunks: readonly Buffer[], limitBytes = 1_048_576) {
  const taken: Taken[] = [];
  const forEngine: Buffer[] = [];
  const reader = new FrameReader(limitBytes);
  reader.open(limitBytes, {
    takePublish(bytes, frame) {
      taken.push({
        topic: bytes.toString('utf8', frame.topicAt, frame.topicEnd),
        qos: frame.qos,
        packetId: frame.packetId,
        payload: bytes.toString('hex', frame.payloadAt, frame.payloadEnd),
      });
      return true;
    },
  });
  const shared = Buffer.alloc(Math.max(0, ...chunks.map(({ length }) => length)));
  for (const chunk of chunks) {
    chunk.copy(shared);
    const rest = reader.read(shared.subarray(0, chunk.length));
    if (rest !== null) forEngine.push(rest);
    shared.fill(0xff);
  }
  return { taken, forEngine: Buffer.concat(forEngine), cut: reader.cut };
}

const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc
    .record({
      topic: fc.stringMatching(/^[a-z0-9/ü]{1,30}$/),
      payload: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
      messageId: fc.integer({ min: 1, max: 65_535 }),
      retain: fc.boolean(),
      dup: fc.boolean(),
    })
    .map((of): Packet => ({ cmd: 'publish', ...of, dup: of.qos > 0 && of.dup })),
  fc.constantFrom<Packet>(
    { cmd: 'pingreq' },
    { cmd: 'disconnect' },
    { cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 'a/cmd', qos: 1 }] },
  ),
);

/** Cuts bytes into chunks wherever it likes. */
function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((one) => one % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.subarray(at[index - 1] ?? 0, end));
}

describe('the frame reader', () => {
  test('takes QoS 0 and 1 and leaves the rest, wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(packet, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (packets, cuts) => {
          const encoded = packets.map((one) => generate(one));
          const isTaken = packets.map((one) => one.cmd === 'publish' && one.qos < 2);
          const result = readAll(cut(Buffer.concat(encoded), cuts).filter((one) => one.length > 0));
          expect(result.taken).toEqual(
            packets.flatMap((one) =>
              one.cmd === 'publish' && one.qos < 2
                ? [
                    {
                      topic: one.topic,
                      qos: one.qos,
                      packetId: one.qos === 0 ? 0 : one.messageId,
                      payload: Buffer.from(one.payload).toString('hex'),
                    },
                  ]
                : [],
            ),
          );
          expect(result.forEngine).toEqual(
            Buffer.concat(encoded.filter((_, index) => !isTaken[index])),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('hands everything on before it is opened', () => {
    const bytes = generate({
      cmd: 'publish',
      topic: 'a',
      payload: Buffer.from('x'),
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    });
    expect(new FrameReader(1000).read(bytes)).toEqual(bytes);
  });

  test('cuts a frame at its header, before its body comes', () => {
    const header = Buffer.from([0x32, 0x80, 0x80, 0x41]); // announces 1,064,960 bytes
    const cut = { reason: 'too-long', announcedBytes: 1_064_960 };
    expect(readAll([header])).toMatchObject({ cut, taken: [] });
    expect(readAll([header.subarray(0, 3), header.subarray(3)]).cut).toEqual(cut);
  });

  test('takes a frame of exactly the limit', () => {
    const topic = 'a';
    const payload = Buffer.alloc(1_048_576 - 5, 1);
    const whole = { cmd: 'publish', topic, payload, qos: 1, messageId: 9 } as const;
    const bytes = generate({ ...whole, dup: false, retain: false });
    const chunks = cut(bytes, [1, 2, 3, 65_536, 500_000]);
    expect(readAll(chunks).taken.map((one) => one.payload.length)).toEqual([payload.length * 2]);
  });

  test('cuts a length of five bytes, which no frame has', () => {
    const bytes = Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]);
    expect(readAll([bytes]).cut).toEqual({ reason: 'malformed', rule: '2.2.3' });
  });

  test.each([
    ['a PUBLISH that is shorter than its own topic', [0x32, 0x03, 0x00, 0x50, 0x61], '3.3.2'],
    ['QoS 1 with packet id 0', [0x32, 0x05, 0x00, 0x01, 0x61, 0, 0], 'MQTT-2.3.1-1'],
    ['QoS 2 with packet id 0', [0x34, 0x05, 0x00, 0x01, 0x61, 0, 0], 'MQTT-2.3.1-1'],
    ['QoS 3', [0x36, 0x05, 0x00, 0x01, 0x61, 0, 1], 'MQTT-3.3.1-4'],
    ['SUBSCRIBE with packet id 0', [0x82, 0x06, 0, 0, 0, 1, 0x61, 0], 'MQTT-2.3.1-1'],
  ])('ends at %s, and hands nothing on', (_what, bytes, rule) => {
    const good = Buffer.from([0x32, 0x05, 0x00, 0x01, 0x61, 0, 7]);
    const { cut, forEngine, taken } = readAll([Buffer.concat([good, Buffer.from(bytes), good])]);
    expect(cut).toEqual({ reason: 'malformed', rule });
    expect(taken).toMatchObject([{ packetId: 7 }]);
    expect(forEngine).toHaveLength(0);
  });

  test('that holds back hears every ping, and gives the rest in order later', () => {
    fc.assert(
      fc.property(
        fc.array(packet, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.nat({ max: 12 }),
        (packets, cuts, heldChunks) => {
          const encoded = packets.map((one) => generate(one));
          const chunks = cut(Buffer.concat(encoded), cuts).filter((one) => one.length > 0);
          const ids: number[] = [];
          const reader = new FrameReader(1_048_576);
          reader.open(1_048_576, {
            takePublish: (_bytes, { packetId }) => ids.push(packetId) > 0,
          });
          let pings = 0;
          const forEngine: (Buffer | null)[] = [];
          chunks.forEach((chunk, index) => {
            if (index < heldChunks) pings += reader.hold(chunk);
            else {
              if (reader.heldBytes > 0) forEngine.push(reader.readHeld());
              forEngine.push(reader.read(chunk));
            }
          });
          forEngine.push(reader.readHeld());
          const left = forEngine.filter((one) => one !== null);
          const isPing = (bytes: Buffer) => bytes[0] === 0xc0;
          const rest = encoded.filter((bytes, index) => {
            const of = packets[index];
            return !isPing(bytes) && !(of?.cmd === 'publish' && of.qos < 2);
          });
          const answered = splitPings(Buffer.concat(left));
          expect(pings + answered.pings).toBe(encoded.filter(isPing).length);
          expect(answered.rest).toEqual(Buffer.concat(rest));
          expect(ids).toEqual(
            packets.flatMap((one) =>
              one.cmd === 'publish' && one.qos < 2 ? [one.qos === 0 ? 0 : one.messageId] : [],
            ),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Takes the pings out of whole frames. */
function splitPings(frames: Buffer): { readonly pings: number; readonly rest: Buffer } {
  const reader = new FrameReader(1_048_576);
  const pings = reader.hold(frames);
  return { pings, rest: reader.readHeld() ?? Buffer.alloc(0) };
}
