import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Canonical } from '#contracts/canonical.ts';
import type { Decoded } from '../profile.ts';
import { expectSurvivesNoise } from '../testing/survives-noise.ts';
import { zebraIotc } from './profile.ts';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const receivedAtMs = Date.UTC(2026, 7, 13, 9, 15);

function decode(
  payload: Uint8Array,
  state: Canonical = zebraIotc.initialState,
): { state: Canonical; decoded: Decoded } {
  return zebraIotc.decode(state, { channel: '', payload, receivedAtMs });
}

const event = (data: object, more: object = {}): Uint8Array =>
  bytes(JSON.stringify({ type: 'INVENTORY', data, ...more }));

describe('IoT Connector payloads', () => {
  test('a custom event: lower-case hex, offset without a colon', () => {
    const claimedMs = Date.UTC(2026, 7, 13, 9, 14, 28, 651);
    expect(decode(fixture('custom.json')).decoded).toEqual({
      ok: true,
      readings: [
        {
          type: 'tag',
          epc: 'AA0004EF55555555AA21BF43',
          antenna: 4,
          rssiCdbm: -3400,
          reads: 3,
          claimedMs,
          naturalKey: `1201@${claimedMs}`,
        },
      ],
    });
  });

  test('an array with numbers as strings', () => {
    expect(decode(fixture('inventory-array.json')).decoded).toMatchObject({
      readings: [
        { epc: '3074257BF7194E4000001A85', rssiCdbm: -4150, reads: 7 },
        { epc: '3174257BF4499602D2000000', antenna: 2, reads: 1 },
      ],
    });
  });

  test('documents run together, of a mode that says no more than the identifier', () => {
    expect(decode(fixture('simple-concatenated.json')).decoded).toMatchObject({
      readings: [{ reads: 1 }, { reads: 1 }, { epc: 'AA0004EF55555555AA21BF45' }],
    });
  });

  test('lines of other modes', () => {
    expect(decode(fixture('modes.ndjson')).decoded).toMatchObject({
      readings: [{ antenna: 1 }, { antenna: 1 }],
    });
  });

  test('the older connector: strings throughout, a time without a zone, no numbers', () => {
    expect(decode(fixture('fx-tag-reads.json')).decoded).toEqual({
      ok: true,
      readings: [
        { type: 'tag', epc: 'E2801160600002054E8D11F1', antenna: 3, rssiCdbm: -7200, reads: 1 },
        { type: 'tag', epc: 'E2801160600002054E8D11F2', antenna: 3, rssiCdbm: -7000, reads: 12 },
      ],
    });
  });

  test('a change of an input, whose number is none of a tag event', () => {
    const gpi =
      '{"type":"GPI","timestamp":"2026-08-13T09:14:28.651+0000","eventNum":1201,' +
      '"data":{"pin":"1","state":"HIGH"}}';
    const first = decode(fixture('custom.json'));
    expect(decode(bytes(gpi), first.state).decoded).toEqual({
      ok: true,
      readings: [
        {
          type: 'input',
          input: 'gpi-1',
          level: 'high',
          claimedMs: Date.UTC(2026, 7, 13, 9, 14, 28, 651),
        },
      ],
    });
    expect(decode(bytes('{"type":"gpi","pin":2,"state":"LOW"}')).decoded).toMatchObject({
      readings: [{ input: 'gpi-2', level: 'low' }],
    });
  });

  test('a heartbeat is no reading and no fault', () => {
    const heartbeat = '{"type":"heartbeat","timestamp":"2026-08-13T09:14:28.651+0000","data":{}}';
    expect(decode(bytes(heartbeat)).decoded).toEqual({ ok: true, readings: [] });
  });
});

describe('re-delivery', () => {
  test('the same message twice gives its readings once', () => {
    const first = decode(fixture('inventory-array.json'));
    const second = decode(fixture('inventory-array.json'), first.state);
    expect(second.decoded).toEqual({ ok: true, readings: [], repeated: 2 });
    expect(second.state).toEqual(first.state);
  });

  test('a reader without a clock that starts over is read as before', () => {
    let state = zebraIotc.initialState;
    const read: string[] = [];
    for (const [epc, numbers] of [
      ['30', [1, 2, 3, 9]],
      ['31', [2, 3, 4, 8]],
    ] as const) {
      for (const eventNum of numbers) {
        const more = { timestamp: `1970-01-01T00:01:0${eventNum}.000+0000` };
        const step = decode(event({ idHex: epc, eventNum }, more), state);
        state = step.state;
        for (const one of step.decoded.ok ? step.decoded.readings : []) {
          expect(one).not.toHaveProperty('naturalKey');
          if (one.type === 'tag') read.push(one.epc);
        }
      }
    }
    expect(read).toEqual(['30', '30', '30', '30', '31', '31', '31', '31']);
    expect(state).toEqual(zebraIotc.initialState);
  });

  test('one event of several that cannot be read takes no good one with it', () => {
    const good = (eventNum: number) => ({
      type: 'X',
      timestamp: time(eventNum),
      data: { idHex: '30', eventNum },
    });
    const bad = { type: 'X', data: { idHex: 'zz' } };
    const message = bytes(JSON.stringify([good(1), bad, good(2)]));
    const first = decode(message);
    expect(first.decoded).toMatchObject({
      readings: [{ type: 'tag' }, { type: 'tag' }],
      refused: [{ index: 1, reason: 'wrong-type' }],
    });
    expect(decode(message, first.state).decoded).toMatchObject({ readings: [], repeated: 2 });
    const old = { tag_reads: [{ epc: '30' }, 'a', { epc: '31' }] };
    expect(decode(bytes(JSON.stringify(old))).decoded).toMatchObject({
      readings: [{ epc: '30' }, { epc: '31' }],
      refused: [{ index: 1 }],
    });
  });

  test('a hole is told as missed when it must be forgotten', () => {
    const one = decode(event({ idHex: '30', eventNum: 1 }, { timestamp: time(1) }));
    const five = decode(event({ idHex: '30', eventNum: 5 }, { timestamp: time(5) }), one.state);
    const { decoded } = zebraIotc.decode(five.state, {
      channel: '',
      payload: event({ idHex: '30', eventNum: 6 }, { timestamp: time(6) }),
      receivedAtMs: receivedAtMs + 3_600_000,
    });
    expect(decoded).toMatchObject({ readings: [{ type: 'tag' }, { type: 'missed', samples: 3 }] });
  });

  test('without a time a repeated number proves nothing: the reading is kept without a key', () => {
    const first = decode(event({ idHex: '30', eventNum: 1 }));
    const second = decode(event({ idHex: '30', eventNum: 1 }), first.state);
    expect(second.decoded).toEqual({ ok: true, readings: [{ type: 'tag', epc: '30', reads: 1 }] });
  });

  test('a refused message leaves no trace in the state', () => {
    const { state } = decode(fixture('custom.json'));
    const bad = bytes(
      '[{"type":"X","data":{"idHex":"","eventNum":9}},{"type":"X","data":{"idHex":1}}]',
    );
    expect(decode(bad, state)).toMatchObject({ state, decoded: { ok: false } });
  });
});

describe('what cannot be read', () => {
  test.each([
    ['broken JSON', bytes('{"type"'), 'malformed'],
    ['nothing', bytes(''), 'malformed'],
    ['an Impinj event', bytes('{"eventType":"tagInventory"}'), 'wrong-type'],
    ['an unknown type', bytes('{"type":"NEW","data":{"x":1}}'), 'unknown-message'],
    ['an input in no state', bytes('{"type":"GPI","data":{"pin":1}}'), 'wrong-type'],
    ['no data', bytes('{"type":"INVENTORY"}'), 'wrong-type'],
    ['no hex', event({ idHex: 'xyz' }), 'wrong-type'],
    ['an empty EPC', event({ idHex: '' }), 'wrong-type'],
    ['tag_reads that is none', bytes('{"tag_reads":{}}'), 'wrong-type'],
    ['tag_reads of words', bytes('{"tag_reads":["a"]}'), 'wrong-type'],
    [
      'an infinite strength',
      bytes('{"type":"X","data":{"idHex":"30","peakRssi":1e400}}'),
      'not-a-number',
    ],
    ['a strength of NaN', event({ idHex: '30', peakRssi: 'NaN' }), 'not-a-number'],
    ['a fractional number', event({ idHex: '30', eventNum: 1.5 }), 'wrong-type'],
    ['a negative number', event({ idHex: '30', eventNum: -1 }), 'wrong-type'],
    ['negative reads', event({ idHex: '30', reads: -2 }), 'wrong-type'],
  ])('%s', (_name, payload, reason) => {
    expect(decode(payload).decoded).toMatchObject({ ok: false, reason });
  });

  test('neither noise nor a damaged payload makes it throw, and all it gives is canonical', () => {
    expectSurvivesNoise(zebraIotc, fixture('inventory-array.json'), { channel: '', receivedAtMs });
  });
});

function time(second: number): string {
  return `2026-08-13T09:14:0${second}.000+0000`;
}
