import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCanonical, encodeCanonical } from '#contracts/canonical.ts';
import type { Canonical } from '#contracts/canonical.ts';
import type { Decoded } from '../profile.ts';
import { ruuviDataOf } from './advertisement.ts';
import { ruuvi } from './profile.ts';
import { readRawV2 } from './raw-v2.ts';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const tag = 'CB:B8:33:4C:88:4F';

/** Test vectors of Ruuvi's specification of data format 5. */
const vectors = {
  valid: '0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F',
  greatest: '057FFFFFFEFFFE7FFF7FFF7FFFFFDEFEFFFECBB8334C884F',
  least: '058001000000008001800180010000000000CBB8334C884F',
  invalid: '058000FFFFFFFF800080008000FFFFFFFFFFFFFFFFFFFFFF',
};

/** A tag's data as the gateway relays it, with the length and flags of an advertisement. */
const relayed = (data: string, more: object = {}): Uint8Array => {
  const length = (data.length / 2 + 3).toString(16).padStart(2, '0');
  return bytes(JSON.stringify({ data: `020106${length}FF9904${data}`, ...more }));
};

/** Messages of one gateway; the state goes through canonical text each time. */
class Feed {
  state: Canonical = ruuvi.initialState;

  send(channel: string, payload: Uint8Array): Decoded {
    const step = ruuvi.decode(this.state, { channel, payload, receivedAtMs: 0 });
    this.state = decodeCanonical(encodeCanonical(step.state));
    return step.decoded;
  }
}

const send = (channel: string, payload: Uint8Array): Decoded => new Feed().send(channel, payload);

describe('data format 5', () => {
  test.each([
    ['valid', [24.3, 53.49, 205]],
    ['greatest', [163.835, 163.835, 65_534]],
    ['least', [-163.835, 0, 0]],
    ['invalid', [undefined, undefined, undefined]],
  ] as const)('reads the vector with %s values', (name, values) => {
    const read = readRawV2(bytesOf(vectors[name]));
    expect([read?.temperatureC, read?.humidityPercent, read?.sequence]).toEqual(values);
    expect(read?.mac).toBe(name === 'invalid' ? undefined : 'CBB8334C884F');
  });

  test('is not read from other formats, nor where it is cut off', () => {
    expect(readRawV2(bytesOf(`03${vectors.valid.slice(2)}`))).toBeUndefined();
    expect(readRawV2(bytesOf(vectors.valid.slice(0, -2)))).toBeUndefined();
  });
});

describe('a tag', () => {
  test('gives temperature and humidity with the time of the gateway that heard it', () => {
    const common = { sensor: tag, claimedMs: 1_667_480_128_000, naturalKey: `${tag}/205` };
    expect(send(tag, fixture('tag.json'))).toEqual({
      ok: true,
      readings: [
        { type: 'climate', measure: 'temperature', value: 24_300, ...common },
        { type: 'climate', measure: 'humidity', value: 535, ...common },
      ],
    });
  });

  test.each(['', tag, `C8:25:2D:8E:9C:2C/${tag}`, 'cb-b8-33-4c-88-4f'])(
    'is known by its topic or by its data: "%s"',
    (channel) => {
      const decoded = send(channel, fixture('tag-without-time.json'));
      expect(decoded).toMatchObject({ readings: [{ sensor: tag }, { sensor: tag }] });
      expect(decoded.ok && decoded.readings[0]).not.toHaveProperty('claimedMs');
    },
  );

  test('that advertises a measurement again, here or at another gateway, gives nothing new', () => {
    const feed = new Feed();
    expect(feed.send(`a/${tag}`, relayed(vectors.valid))).toMatchObject({ readings: [{}, {}] });
    for (const channel of [`a/${tag}`, `b/${tag}`]) {
      const said = feed.send(channel, relayed(vectors.valid));
      expect(said).toEqual({ ok: true, readings: [], repeated: 1 });
    }
    const next = vectors.valid.replace('00CD', '00CE');
    expect(feed.send(`b/${tag}`, relayed(next))).toMatchObject({ readings: [{}, {}] });
    // Format, then temperature: the same number of a tag that started over.
    const anew = vectors.valid.replace('0512', '0513');
    expect(feed.send(`b/${tag}`, relayed(anew))).toMatchObject({ readings: [{}, {}] });
  });

  test('without a sequence number has no key, and passes', () => {
    const feed = new Feed();
    const unnumbered = relayed(vectors.valid.replace('00CD', 'FFFF'));
    for (const _again of [1, 2]) {
      const decoded = feed.send(tag, unnumbered);
      expect(decoded.ok && decoded.readings).toHaveLength(2);
      expect(decoded.ok && decoded.readings[0]).not.toHaveProperty('naturalKey');
    }
  });

  test('that measures nothing gives nothing', () => {
    expect(send(tag, relayed(vectors.invalid))).toEqual({ ok: true, readings: [] });
  });

  test('with a broken part gives the other', () => {
    const dry = vectors.valid.replace('5394', 'FFFE');
    expect(send(tag, relayed(dry))).toMatchObject({
      ok: true,
      readings: [{ measure: 'temperature' }],
      partly: { reason: 'out-of-range' },
    });
  });
});

describe('a gateway', () => {
  test.each([
    ['gw_status', '{"state":"online"}', { connected: true }],
    ['gw_status', '{"state":"offline"}', { connected: false }],
    ['C8:25:2D:8E:9C:2C/gw_status', 'offline', { connected: false, sensor: 'C8:25:2D:8E:9C:2C' }],
  ])('%s %s is a status', (channel, payload, status) => {
    expect(send(channel, bytes(payload))).toEqual({
      ok: true,
      readings: [{ type: 'status', ...status }],
    });
  });

  test.each([
    ['another maker', '{"data":"0201061AFF4C000215"}'],
    ['nothing of a maker', '{"data":"020106"}'],
    ['padding', '{"data":"00000000"}'],
    ['an advertisement that is cut off', '{"data":"1BFF9904"}'],
    ['a cleared topic', ''],
  ])('relays %s, which is no fault', (_name, payload) => {
    expect(send(tag, bytes(payload))).toEqual({ ok: true, readings: [] });
  });
});

describe('what cannot be read', () => {
  test.each([
    ['broken JSON', bytes('{"data":'), 'malformed'],
    ['decoded data alone', bytes('{"temperature":24.3}'), 'wrong-type'],
    ['no hex', bytes('{"data":"0201G6"}'), 'wrong-type'],
    ['half a byte', bytes('{"data":"02010"}'), 'wrong-type'],
    ['a time that is none', relayed(vectors.valid, { ts: 'now' }), 'wrong-type'],
    ['another data format', relayed(`06${vectors.valid.slice(2)}`), 'unknown-message'],
    ['too few bytes', relayed(vectors.valid.slice(0, 40)), 'malformed'],
    ['more than a tag can measure', relayed(vectors.greatest), 'out-of-range'],
  ])('%s', (_name, payload, reason) => {
    expect(send(tag, payload)).toMatchObject({ ok: false, reason });
  });

  test('no bytes make it throw, and what it reads is canonical', () => {
    const whole = [...fixture('tag.json')];
    const damaged = fc
      .tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }))
      .map(([at, byte]) => Uint8Array.from(whole.with(at, byte)));
    const measured = fc
      .uint8Array({ minLength: 23, maxLength: 23 })
      .map((data) => relayed(`05${Buffer.from(data).toString('hex')}`));
    const channel = fc.oneof(fc.constantFrom(tag, 'gw_status', ''), fc.string());
    const message = fc.tuple(channel, fc.oneof(fc.uint8Array(), damaged, measured));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), (messages) => {
        const feed = new Feed();
        for (const [name, payload] of messages) {
          const decoded = feed.send(name, payload);
          if (decoded.ok) for (const reading of decoded.readings) encodeCanonical({ ...reading });
        }
      }),
      { numRuns: 1000 },
    );
    fc.assert(fc.property(fc.uint8Array(), (data) => void ruuviDataOf(data)));
  });
});
