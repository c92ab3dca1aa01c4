import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import { unreadableTime } from '#contracts/time.ts';
import { decodeZigbee2Mqtt } from './decode-zigbee2mqtt.ts';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('Zigbee2MQTT', () => {
  test('a report gives temperature and humidity of the sensor that the topic names', () => {
    const claimedMs = Date.UTC(2020, 1, 26, 19, 44, 9);
    expect(decodeZigbee2Mqtt('cold room/shelf 1', fixture('sensor.json'))).toEqual({
      ok: true,
      readings: [
        {
          type: 'climate',
          sensor: 'cold room/shelf 1',
          measure: 'temperature',
          value: 27_340,
          claimedMs,
        },
        {
          type: 'climate',
          sensor: 'cold room/shelf 1',
          measure: 'humidity',
          value: 447,
          claimedMs,
        },
      ],
    });
  });

  test.each([
    ['"2026-08-13T09:14:28.651Z"', Date.UTC(2026, 7, 13, 9, 14, 28, 651)],
    ['1786612468651', 1_786_612_468_651],
    ['"2026-08-13 09:14:28"', unreadableTime],
    ['""', undefined],
    ['null', undefined],
  ])('last_seen %s', (lastSeen, claimedMs) => {
    const decoded = decodeZigbee2Mqtt(
      's',
      bytes(`{"temperature":"-18.5","last_seen":${lastSeen}}`),
    );
    expect(decoded).toMatchObject({ ok: true, readings: [{ value: -18_500 }] });
    expect(decoded.ok && decoded.readings[0]?.claimedMs).toBe(claimedMs);
  });

  test.each([
    [
      'cold room/shelf 1/availability',
      '{"state":"online"}',
      { sensor: 'cold room/shelf 1', connected: true },
    ],
    ['s/availability', 'offline', { sensor: 's', connected: false }],
    ['bridge/state', '{"state":"offline"}', { connected: false }],
  ])('%s %s is a status', (channel, payload, status) => {
    expect(decodeZigbee2Mqtt(channel, bytes(payload))).toEqual({
      ok: true,
      readings: [{ type: 'status', ...status }],
    });
  });

  test.each([
    ['door', '{"contact":true,"battery":100}'],
    ['s', '{"temperature":null}'],
    ['s', ''],
    ['s/set', '{"calibration":1}'],
    ['bridge/info', '{"version":"2.1.0"}'],
    ['bridge/logging', 'not even JSON'],
  ])('%s %s says nothing of the climate and is no fault', (channel, payload) => {
    expect(decodeZigbee2Mqtt(channel, bytes(payload))).toEqual({ ok: true, readings: [] });
  });

  test.each([
    ['s', '{"temperature":', 'malformed'],
    ['s', '21.5', 'wrong-type'],
    ['s', '{"temperature":"warm"}', 'wrong-type'],
    ['s', '{"temperature":NaN}', 'not-a-number'],
    ['s', '{"humidity":1e400}', 'not-a-number'],
    ['s', '{"temperature":1e300}', 'not-a-number'],
    ['s', '{"temperature":-327.68}', 'out-of-range'],
    ['s', '{"humidity":655.35}', 'out-of-range'],
    ['s/availability', '{"state":"sleepy"}', 'unknown-message'],
    ['s/availability', '{"state":1}', 'wrong-type'],
    ['s/availability', '', undefined],
    ['s/availability', '{', 'malformed'],
  ])('%s %s is refused as %s', (channel, payload, reason) => {
    const decoded = decodeZigbee2Mqtt(channel, bytes(payload));
    expect(decoded.ok ? undefined : decoded.reason).toBe(reason);
  });

  test('a value that is none leaves the other one, and is told', () => {
    const decoded = decodeZigbee2Mqtt('s', bytes('{"temperature":-327.68,"humidity":44.7}'));
    expect(decoded).toMatchObject({
      ok: true,
      readings: [{ measure: 'humidity', value: 447 }],
      partly: { reason: 'out-of-range' },
    });
  });

  test('no topic and no bytes make it throw, and what it reads is canonical', () => {
    const whole = [...fixture('sensor.json')];
    const damaged = fc
      .tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }))
      .map(([at, byte]) => Uint8Array.from(whole.with(at, byte)));
    fc.assert(
      fc.property(
        fc.string(),
        fc.oneof(fc.uint8Array(), fc.json().map(bytes), damaged),
        (channel, payload) => {
          const decoded = decodeZigbee2Mqtt(channel, payload);
          if (decoded.ok) for (const reading of decoded.readings) encodeCanonical({ ...reading });
        },
      ),
      { numRuns: 1000 },
    );
  });
});
