import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from '#contracts/fault.ts';
import { gapReasons } from '#contracts/kinds/plc-kinds.ts';
import { quarantineReasons } from '../../devices/profile.ts';
import { BatchEncoder, decodeBatch } from './entry-codec.ts';
import type { IntakeBody, IntakeEntry } from './intake-entry.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const device = fc.stringMatching(/^[a-z0-9]{1,20}$/);
const bytes = fc.uint8Array({ maxLength: 3000 }).map((array) => Buffer.from(array));
const ms = fc.integer({ min: 0, max: 4_000_000_000_000 });
const count = fc.nat();

const body: fc.Arbitrary<IntakeBody> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('message' as const),
      device,
      channel: text,
      qos: fc.integer({ min: 0, max: 2 }),
      payload: bytes,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('refused' as const),
      device,
      channel: text,
      reason: fc.constantFrom(...quarantineReasons),
      bytes: count,
      sha256: fc.constant('ab'.repeat(32)),
      head: bytes,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('connection' as const),
      device,
      connected: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('gap' as const),
      device,
      reason: fc.constantFrom(...gapReasons),
      channels: count,
      fromMs: ms,
      toMs: ms,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'tick' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('config' as const),
      origin: fc.constantFrom('file' as const, 'hub' as const),
      hash: fc.constant('cd'.repeat(32)),
      config: text,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        type: fc.constant('boot' as const),
        clean: fc.boolean(),
        lastAliveMs: ms,
        version: text,
      },
      { requiredKeys: ['type', 'clean', 'version'] },
    ),
  },
);

const steps = fc.array(fc.tuple(body, fc.oneof(fc.nat(2000), ms)), { minLength: 1, maxLength: 80 });

function encode(
  encoder: BatchEncoder,
  firstPos: number,
  from: number,
  list: [IntakeBody, number][],
) {
  let atMs = from;
  const entries: IntakeEntry[] = list.map(([body, stepMs], index) => {
    atMs += stepMs;
    encoder.add(atMs, body);
    return { pos: firstPos + index, receivedAtMs: atMs, body };
  });
  return { entries, bytes: encoder.take(firstPos) };
}

describe('a batch of entries', () => {
  test('reads back exactly as it was written', () => {
    const encoder = new BatchEncoder();
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 2 ** 45 }),
        fc.nat(2 ** 30),
        (list, pos, from) => {
          const { entries, bytes } = encode(encoder, pos, from, list);
          expect(decodeBatch(bytes, pos)).toEqual(entries);
          expect(encoder.count).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('does not change when the buffers it was made from do', () => {
    const encoder = new BatchEncoder();
    const payload = Buffer.from('as it came in');
    encoder.add(1, { type: 'message', device: 'd', channel: 'c', qos: 1, payload });
    const batch = encoder.take(1);
    payload.fill(0);
    encoder.add(2, { type: 'tick' });
    const [entry] = decodeBatch(batch, 1);
    expect(entry?.body).toMatchObject({ payload: Buffer.from('as it came in') });
  });

  test('holds a message of a megabyte and one after it', () => {
    const encoder = new BatchEncoder();
    const payload = Buffer.alloc(1_048_576, 7);
    encoder.add(1, { type: 'message', device: 'd', channel: '', qos: 1, payload });
    encoder.add(2, { type: 'tick' });
    const entries = decodeBatch(encoder.take(9), 9);
    expect(entries.map(({ pos, body }) => [pos, body.type])).toEqual([
      [9, 'message'],
      [10, 'tick'],
    ]);
  });

  test('is refused when any bit of it is wrong', () => {
    const encoder = new BatchEncoder();
    const payload = Buffer.from('{"epcHex":"30"}');
    encoder.add(5, { type: 'message', device: 'dock', channel: 'tags', qos: 1, payload });
    encoder.add(6, { type: 'tick' });
    const batch = encoder.take(3);
    fc.assert(
      fc.property(fc.nat(batch.length * 8 - 1), (bit) => {
        const damaged = Buffer.from(batch);
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => decodeBatch(damaged, 3)).toThrow(Fault);
      }),
    );
  });

  test('is refused at a position that is not its own, and when cut short', () => {
    const encoder = new BatchEncoder();
    encoder.add(5, { type: 'tick' });
    const batch = encoder.take(3);
    expect(() => decodeBatch(batch, 4)).toThrow(/belongs elsewhere/);
    expect(() => decodeBatch(batch.subarray(0, batch.length - 1), 3)).toThrow(/damaged/);
    expect(() => decodeBatch(batch.subarray(0, 10), 3)).toThrow(/unknown form/);
  });
});
