import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Canonical } from '#contracts/canonical.ts';
import { expectSurvivesNoise } from '../testing/survives-noise.ts';
import { zebraHandheld } from './handheld-profile.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const handheld = readFileSync(new URL('fixtures/handheld.json', import.meta.url));
const receivedAtMs = Date.UTC(2026, 10, 22, 8);
const sentMs = Date.UTC(2026, 10, 20, 14, 3, 22, 417);

const decode = (payload: Uint8Array, state: Canonical = zebraHandheld.initialState) =>
  zebraHandheld.decode(state, { channel: 'data', payload, receivedAtMs });
const event = (data: object, timestamp: string | undefined = '2026-11-20T14:03:22.417Z') =>
  bytes(JSON.stringify({ type: 'BALANCED_PERFORMANCE', timestamp, data }));

describe('dataEVT of RFD40 and RFD90', () => {
  test('tags and barcodes of a buffered message, with the time it had', () => {
    const { decoded } = decode(handheld);
    expect(decoded).toMatchObject({
      ok: true,
      readings: [
        {
          type: 'tag',
          epc: 'E28011606000020534B2E5A1',
          rssiCdbm: -3900,
          reads: 4,
          claimedMs: sentMs,
          naturalKey: `17@${sentMs}`,
        },
        { type: 'tag', epc: '3074257BF7194E4000001A85', rssiCdbm: -5100 },
        { type: 'scan', code: { sscc: '106141412345678908' }, symbology: 'GS1-128' },
        { type: 'scan', code: { gtin: '04006381333931' }, claimedMs: sentMs },
      ],
    });
  });

  test('a re-delivered message gives no tag again, and its scans under the keys they had', () => {
    const first = decode(handheld);
    const second = decode(handheld, first.state);
    const scans = first.decoded.ok ? first.decoded.readings.slice(2) : [];
    expect(second.decoded).toEqual({ ok: true, readings: scans, repeated: 2 });
    expect(new Set(scans.map(({ naturalKey }) => naturalKey)).size).toBe(2);
  });

  test('a flush of old events behind newer ones loses nothing and says nothing is missed', () => {
    const tag = (eventNum: number, second: number) =>
      event(
        { tagData: [{ EPCid: '30', eventNum }] },
        `2026-11-20T14:00:${String(second).padStart(2, '0')}.000Z`,
      );
    let state = zebraHandheld.initialState;
    const kept: (string | undefined)[] = [];
    for (const number of [1, 2, 9, 3, 4, 5, 6, 7, 8, 5]) {
      const step = decode(tag(number, number), state);
      state = step.state;
      for (const reading of step.decoded.ok ? step.decoded.readings : []) kept.push(reading.type);
    }
    expect(kept).toEqual(Array.from({ length: 9 }, () => 'tag'));
  });

  test('what cannot be read of a list takes no good one with it', () => {
    const payload = event({
      tagData: [{ EPCid: 'zz' }, { EPCid: '30' }],
      barcodeData: [{}, { decodedBarcode: 'A-1' }],
    });
    expect(decode(payload).decoded).toMatchObject({
      readings: [{ type: 'tag', epc: '30' }, { type: 'scan' }],
      refused: [{ index: 0 }, { index: 2 }],
    });
  });

  test('a barcode of a handheld whose clock starts over has no key, and is kept aside', () => {
    const scan = { barcodeData: [{ decodedBarcode: 'A-1' }] };
    const said = decode(event(scan, '1970-01-01T00:01:00.000Z')).decoded;
    expect(said).toMatchObject({ ok: false, reason: 'missing-id' });
    // The gateway may be the one that has no clock.
    expect(decode(event(scan, '2027-01-01T00:01:00.000Z')).decoded).toMatchObject({ ok: true });
  });

  test('barcodes alone, and other events of the handheld', () => {
    const scan = { barcodeData: [{ decodedBarcode: 'A-1' }] };
    expect(decode(event(scan)).decoded).toMatchObject({ readings: [{ code: { form: 'text' } }] });
    expect(decode(bytes('{"type":"heartBeatEVT","timestamp":"x","data":{}}')).decoded).toEqual({
      ok: true,
      readings: [],
    });
    expect(decode(bytes('{"type":"alerts"}')).decoded).toEqual({ ok: true, readings: [] });
  });
});

describe('what cannot be read', () => {
  const barcode = { barcodeData: [{ decodedBarcode: 'A-1', symbology: 'QR' }] };

  test.each([
    ['a barcode without a time', bytes(JSON.stringify({ type: 'X', data: barcode })), 'missing-id'],
    ['a barcode without text', event({ barcodeData: [{}] }), 'wrong-type'],
    ['a tag without EPC', event({ tagData: [{ eventNum: 1 }] }), 'wrong-type'],
    ['a tag list that is none', event({ tagData: {} }), 'wrong-type'],
    ['a fractional number', event({ tagData: [{ EPCid: '30', eventNum: 1.5 }] }), 'wrong-type'],
    ['neither type nor data', bytes('{"a":1}'), 'wrong-type'],
    ['broken JSON', bytes('{"type"'), 'malformed'],
  ])('%s', (_name, payload, reason) => {
    expect(decode(payload).decoded).toMatchObject({ ok: false, reason });
  });

  test('neither noise nor a damaged payload makes it throw, and all it gives is canonical', () => {
    expectSurvivesNoise(zebraHandheld, handheld, { channel: 'data', receivedAtMs });
  });
});
