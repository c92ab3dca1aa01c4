import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import { unreadableTime } from '#contracts/time.ts';
import { decodeImpinj } from './decode-impinj.ts';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const input = (fields: object): Uint8Array =>
  bytes(JSON.stringify({ eventType: 'gpiTransition', gpiTransitionEvent: fields }));
const tag = (fields: object): Uint8Array =>
  bytes(JSON.stringify({ eventType: 'tagInventory', tagInventoryEvent: fields }));

describe('R700 payloads', () => {
  test('an event with hex and base64', () => {
    expect(decodeImpinj(fixture('tag-inventory.json'))).toEqual({
      ok: true,
      readings: [
        {
          type: 'tag',
          epc: '300833B2DDD9014000000000',
          antenna: 1,
          rssiCdbm: -5234,
          reads: 1,
          claimedMs: Date.UTC(2026, 3, 2, 12, 0, 1),
        },
      ],
    });
  });

  test('either alphabet of base64 names the same tag', () => {
    const [plain, url] = ['+/+/MDk=', '-_-_MDk='].map((epc) => decodeImpinj(tag({ epc })));
    expect(plain).toMatchObject({ readings: [{ epc: 'FBFFBF3039' }] });
    expect(url).toEqual(plain);
  });

  test('base64 alone gives the same identifier, and the report its time', () => {
    expect(decodeImpinj(fixture('tag-inventory-base64.json'))).toMatchObject({
      readings: [
        { epc: '300833B2DDD9014000000000', claimedMs: Date.UTC(2026, 3, 2, 12, 0, 0, 123) },
      ],
    });
  });

  test('an array, also with a blank tag', () => {
    expect(decodeImpinj(fixture('webhook-array.json'))).toMatchObject({
      readings: [{ epc: '3074257BF7194E4000001A85' }, { epc: '000000000000000000000000' }],
    });
  });

  test('a stream of lines, where only the tag and the input are readings', () => {
    expect(decodeImpinj(fixture('stream.ndjson'))).toEqual({
      ok: true,
      readings: [
        {
          type: 'tag',
          epc: 'E28011606000020534B2E5A1',
          antenna: 1,
          reads: 1,
          claimedMs: Date.UTC(2026, 3, 2, 12, 0, 0, 200),
        },
        {
          type: 'input',
          input: 'gpi-1',
          level: 'high',
          claimedMs: Date.UTC(2026, 3, 2, 12, 0, 0, 400),
        },
      ],
    });
  });

  test('an input that goes low, of a reader that says no time', () => {
    expect(decodeImpinj(input({ gpi: '2', transition: 'high-to-low' }))).toEqual({
      ok: true,
      readings: [{ type: 'input', input: 'gpi-2', level: 'low' }],
    });
  });
});

describe('what cannot be read', () => {
  test.each([
    ['broken JSON', bytes('{"eventType":'), 'malformed'],
    ['another vendor', bytes('{"type":"CUSTOM"}'), 'wrong-type'],
    ['an event of later firmware', bytes('{"eventType":"tagLocation"}'), 'unknown-message'],
    ['no tag', bytes('{"eventType":"tagInventory"}'), 'wrong-type'],
    ['an input without a number', input({ transition: 'low-to-high' }), 'wrong-type'],
    ['an input that goes nowhere', input({ gpi: 1, transition: 'steady' }), 'wrong-type'],
    ['no input', bytes('{"eventType":"gpiTransition"}'), 'wrong-type'],
    ['a tag without EPC', tag({ tidHex: 'E280' }), 'wrong-type'],
    ['no hex', tag({ epcHex: '30zz' }), 'wrong-type'],
    ['an empty EPC', tag({ epcHex: '' }), 'wrong-type'],
    ['an empty EPC in base64', tag({ epc: '' }), 'wrong-type'],
    ['no base64', tag({ epc: '§§' }), 'wrong-type'],
    ['an endless EPC', tag({ epcHex: '0'.repeat(130) }), 'wrong-type'],
    ['a word for a number', tag({ epcHex: '30', peakRssiCdbm: 'weak' }), 'wrong-type'],
    ['half an antenna', tag({ epcHex: '30', antennaPort: 1.5 }), 'wrong-type'],
    ['an antenna before the first', tag({ epcHex: '30', antennaPort: -1 }), 'wrong-type'],
    ['two alphabets of base64', tag({ epc: '-_-/' }), 'wrong-type'],
    ['an infinite strength', bytes(tagText('"peakRssiCdbm":1e400')), 'not-a-number'],
    ['no number at all', bytes(tagText('"peakRssiCdbm":NaN')), 'not-a-number'],
    ['too large to be exact', tag({ epcHex: '30', peakRssiCdbm: 1e300 }), 'not-a-number'],
  ])('%s', (_name, payload, reason) => {
    expect(decodeImpinj(payload)).toMatchObject({ ok: false, reason });
  });

  test('one event of several takes no good one with it, and is named by its place', () => {
    const events = [{ epcHex: '30' }, { epcHex: 'zz' }, { epcHex: '31' }].map((fields) => {
      return { eventType: 'tagInventory', tagInventoryEvent: fields };
    });
    expect(decodeImpinj(bytes(JSON.stringify(events)))).toMatchObject({
      ok: true,
      readings: [{ epc: '30' }, { epc: '31' }],
      partly: { reason: 'wrong-type' },
      refused: [{ index: 1, reason: 'wrong-type' }],
    });
  });

  test('a time that nobody can place leaves the reading, and is told from none', () => {
    const decoded = decodeImpinj(tag({ epcHex: '30', lastSeenTime: '2026-04-02T12:00:00' }));
    const reading = { type: 'tag', epc: '30', reads: 1 };
    const claimedMs = unreadableTime;
    expect(decoded).toEqual({ ok: true, readings: [{ ...reading, claimedMs }] });
    const silent = decodeImpinj(tag({ epcHex: '30', lastSeenTime: '' }));
    expect(silent).toEqual({ ok: true, readings: [reading] });
  });

  test('neither noise nor a damaged payload makes it throw, and what it reads is canonical', () => {
    const whole = [...fixture('tag-inventory.json')];
    const damaged = fc
      .tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }))
      .map(([at, byte]) => Uint8Array.from(whole.with(at, byte)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), damaged, damaged), (payload) => {
        const decoded = decodeImpinj(payload);
        if (!decoded.ok) return;
        for (const reading of decoded.readings) encodeCanonical({ ...reading });
      }),
      { numRuns: 2000 },
    );
  });
});

function tagText(field: string): string {
  return `{"eventType":"tagInventory","tagInventoryEvent":{"epcHex":"30",${field}}}`;
}
