import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { Decoded } from '../profile.ts';
import { decodeMilesight } from './decode-milesight.ts';
import { milesight } from './profile.ts';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const payload = (name: string): Uint8Array =>
  bytesOf(new TextDecoder().decode(fixture(`${name}.hex`)).trim());
const value = (measure: string, of: number, atMs?: number) => ({
  measure,
  value: of,
  ...(atMs === undefined ? {} : { atMs }),
});
const nineMs = Date.UTC(2026, 7, 13, 9);

describe('the payload of', () => {
  test('an EM300-TH: the example of its manual', () => {
    expect(decodeMilesight(payload('em300-th'))).toEqual({
      batteryPercent: 92,
      trouble: undefined,
      values: [value('temperature', 30.8), value('humidity', 50.5)],
    });
  });

  test('an EM300-TH that sends a record of the past: the example of its manual', () => {
    const atMs = 1_665_561_758_000;
    expect(decodeMilesight(payload('em300-th-history'))).toMatchObject({
      trouble: undefined,
      values: [value('temperature', 27.2, atMs), value('humidity', 46.5, atMs)],
    });
  });

  test('an EM320-TH that sends two, a byte shorter each', () => {
    expect(decodeMilesight(payload('em320-th-history')).values).toEqual([
      value('temperature', -18.1, nineMs),
      value('humidity', 60, nineMs),
      value('temperature', -17.8, nineMs + 600_000),
      value('humidity', 60.5, nineMs + 600_000),
    ]);
  });

  test('an EM500-PT100, which has no humidity, with a record of the past', () => {
    expect(decodeMilesight(payload('em500-pt100-history'))).toEqual({
      batteryPercent: 100,
      trouble: undefined,
      values: [value('temperature', -30.6), value('temperature', -30.2, nineMs)],
    });
  });

  test('a WS203, which tells of the people in the room, with a record of the past', () => {
    expect(decodeMilesight(payload('ws203-history')).values).toEqual([
      value('temperature', 21.5),
      value('humidity', 45),
      value('temperature', 21.5, nineMs),
      value('humidity', 45, nineMs),
    ]);
  });

  test('a device that joins says nothing of the climate', () => {
    expect(decodeMilesight(payload('em300-th-join'))).toMatchObject({
      trouble: undefined,
      values: [],
    });
  });

  test('a device with an alarm has the temperature once more', () => {
    expect(decodeMilesight(bytesOf('8367D70001')).values).toEqual([value('temperature', 21.5)]);
  });
});

describe('a payload that is not whole', () => {
  test('gives what stands before the part that nobody knows', () => {
    expect(decodeMilesight(bytesOf('036734010 77D9001'.replace(' ', '')))).toMatchObject({
      trouble: { reason: 'unknown-message', detail: 'channel 077d at byte 4 is not known' },
      values: [value('temperature', 30.8)],
    });
  });

  test.each(['0367', '036734', '01', '20CE9E744663'])('%s is cut off, and gives nothing', (hex) => {
    const { trouble, values } = decodeMilesight(bytesOf(hex));
    expect(values).toEqual([]);
    expect(trouble).toBeDefined();
  });

  test('an answer to a downlink is about settings, and no fault', () => {
    expect(decodeMilesight(bytesOf('03673401FE02580201'))).toEqual({
      batteryPercent: undefined,
      trouble: undefined,
      values: [value('temperature', 30.8)],
    });
  });

  test('a record of the past that could be of two models is of neither', () => {
    const { trouble, values } = decodeMilesight(bytesOf('20CE90877D6A0400050001'));
    expect([trouble?.reason, values]).toEqual(['unknown-message', []]);
  });

  test('a battery of 255 is none', () => {
    expect(decodeMilesight(bytesOf('0175FF')).batteryPercent).toBeUndefined();
  });
});

describe('an uplink through ChirpStack', () => {
  const send = (data: Uint8Array, more: object = {}): Decoded => {
    const body = {
      deduplicationId: '7f0c',
      time: '2026-08-13T09:20:01Z',
      deviceInfo: { devEui: '24e124460d201122' },
      fPort: 85,
      data: Buffer.from(data).toString('base64'),
      object: { temperature: 99 },
      ...more,
    };
    return decode(new TextEncoder().encode(JSON.stringify(body)));
  };
  const decode = (body: Uint8Array): Decoded => {
    const channel = 'device/24e124460d201122/event/up';
    const message = { channel, payload: body, receivedAtMs: nineMs + 1_201_200 };
    return milesight.decode(milesight.initialState, message).decoded;
  };

  test('gives readings from the bytes, not from a codec there, and the battery', () => {
    const common = {
      sensor: '24e124460d201122',
      claimedMs: nineMs + 1_201_000,
      naturalKey: '24e124460d201122/7f0c',
    };
    expect(send(payload('em300-th'))).toEqual({
      ok: true,
      readings: [
        { type: 'status', connected: true, batteryPercent: 92, ...common },
        { type: 'climate', measure: 'temperature', value: 30_800, ...common },
        { type: 'climate', measure: 'humidity', value: 505, ...common },
      ],
    });
  });

  test('marks the past, with its own time and key', () => {
    const decoded = decode(fixture('retransmitted.json'));
    const keyed = (claimedMs: number) => ({
      claimedMs,
      naturalKey: `24e124460d201122@${claimedMs}`,
      historical: true,
    });
    expect(decoded).toMatchObject({
      ok: true,
      readings: [
        { measure: 'temperature', value: -18_100, ...keyed(nineMs) },
        { measure: 'humidity', value: 600, ...keyed(nineMs) },
        { measure: 'temperature', value: -17_800, ...keyed(nineMs + 600_000) },
        { measure: 'humidity', value: 605, ...keyed(nineMs + 600_000) },
      ],
    });
  });

  test.each([
    ['a record of 2022', payload('em300-th-history')],
    ['a probe of -3276.8 °C', bytesOf('03670080')],
    ['a humidity of 127.5 %', bytesOf('0468FF')],
  ])('%s is no reading', (_name, data) => {
    expect(send(data)).toMatchObject({ ok: false, reason: 'out-of-range' });
  });

  test('what is known of a payload is used, and what is not is told', () => {
    expect(send(bytesOf('03673401077D9001'))).toMatchObject({
      ok: true,
      readings: [{ value: 30_800 }],
      partly: { reason: 'unknown-message' },
    });
  });

  test('no bytes make it throw, and what it reads is canonical', () => {
    const names = ['em300-th', 'em300-th-history', 'em320-th-history', 'ws203-history'];
    const whole = names.map((name) => [...payload(name)]);
    const damaged = fc
      .tuple(fc.constantFrom(...whole), fc.nat(10_000), fc.integer({ min: 0, max: 255 }))
      .map(([data, at, byte]) => Uint8Array.from(data.with(at % data.length, byte)));
    const known = fc.constantFrom([0x03, 0x67], [0x04, 0x68], [0x01, 0x75], [0x20, 0xce]);
    const channels = fc
      .array(fc.tuple(known, fc.array(fc.nat(255), { minLength: 1, maxLength: 9 })))
      .map((list) => Uint8Array.from(list.flat(2)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 242 }), damaged, channels), (data) => {
        for (const { value: number } of decodeMilesight(data).values) {
          expect(Number.isFinite(number)).toBe(true);
        }
        const decoded = send(data);
        if (decoded.ok) for (const reading of decoded.readings) encodeCanonical({ ...reading });
      }),
      { numRuns: 2000 },
    );
  });
});
