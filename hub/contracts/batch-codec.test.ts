import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBatch, encodeBatch } from './batch-codec.ts';
import { encodeCanonical } from './canonical.ts';
import { Fault } from './fault.ts';
import type { BatchHeader } from './uplink.ts';

const headerOf = (events: number): BatchHeader => ({
  checkpoint: {
    atMs: 1_790_000_000_000,
    epoch: 1,
    epochId: '000102030405060708090a0b0c0d0e0f',
    gateway: 'lyon-1',
    hash: 'a'.repeat(64),
    keyId: '0123456789abcdef',
    seq: events,
    site: 'lyon',
    tenant: 'main',
  },
  events,
  firstSeq: 1,
  previousHash: 'b'.repeat(64),
  signature: 'A'.repeat(86) + '==',
  v: 1,
});

const event = fc.record({
  header: fc.record({ kind: fc.string() }).map(encodeCanonical),
  payload: fc.record({ text: fc.string({ unit: 'grapheme' }) }).map(encodeCanonical),
});

describe('a batch', () => {
  test('comes back as it went, to the byte', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), (events) => {
        const header = headerOf(events.length);
        expect(decodeBatch(encodeBatch(header, events))).toEqual({ header, events });
      }),
    );
  });

  test.each([
    ['no header', ''],
    ['a header that is not JSON', 'x\n{}\n{}\n'],
    ['fewer events than it says', encodeBatch(headerOf(2), [{ header: '{}', payload: '{}' }])],
    ['a torn end', encodeBatch(headerOf(1), [{ header: '{}', payload: '{}' }]).slice(0, -1)],
    [
      'a header with a key that nobody knows',
      `${encodeCanonical({ ...headerOf(1), x: 1 })}\n{}\n{}\n`,
    ],
  ])('is refused with %s', (_, text) => {
    expect(() => decodeBatch(text)).toThrow(Fault);
  });
});
