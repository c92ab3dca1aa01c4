import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import { unreadableTime } from '#contracts/time.ts';
import { decodeTasmota } from './decode-tasmota.ts';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('SENSOR', () => {
  test('gives each probe’s values, at no time that can be read: its clock has no zone', () => {
    const claimedMs = unreadableTime;
    expect(decodeTasmota('SENSOR', fixture('sensor-am2301-bme280.json'))).toEqual({
      ok: true,
      readings: [
        { type: 'climate', sensor: 'AM2301', measure: 'temperature', value: 22_500, claimedMs },
        { type: 'climate', sensor: 'AM2301', measure: 'humidity', value: 652, claimedMs },
        { type: 'climate', sensor: 'BME280', measure: 'temperature', value: 22_100, claimedMs },
        { type: 'climate', sensor: 'BME280', measure: 'humidity', value: 639, claimedMs },
      ],
    });
  });

  test('a probe that is not there leaves the others; the chip itself is no probe', () => {
    expect(decodeTasmota('SENSOR', fixture('sensor-ds18b20.json'))).toMatchObject({
      ok: true,
      readings: [{ type: 'climate', sensor: 'DS18B20-1', measure: 'temperature', value: -18_400 }],
      partly: { reason: 'out-of-range', detail: 'temperature of "DS18B20-2": -127' },
    });
  });

  test('°F is converted, and a time with its zone is taken', () => {
    expect(decodeTasmota('SENSOR', fixture('sensor-fahrenheit.json'))).toMatchObject({
      readings: [
        { measure: 'temperature', value: 21_000, claimedMs: Date.UTC(2022, 4, 17, 1, 33, 5) },
        { measure: 'humidity', value: 280 },
      ],
    });
  });

  test('says nothing of the time where it has none', () => {
    for (const time of ['', '"Time":"",']) {
      const decoded = decodeTasmota('SENSOR', bytes(`{${time}"SHT3X":{"Temperature":4}}`));
      const reading = { type: 'climate', sensor: 'SHT3X', measure: 'temperature', value: 4000 };
      expect(decoded).toEqual({ ok: true, readings: [reading] });
    }
  });

  test('several thermistors of one part stay apart', () => {
    const report = '{"ANALOG":{"Temperature1":4.5,"Temperature2":-18},"TempUnit":"C"}';
    expect(decodeTasmota('SENSOR', bytes(report))).toMatchObject({
      readings: [
        { sensor: 'ANALOG/1', value: 4500 },
        { sensor: 'ANALOG/2', value: -18_000 },
      ],
    });
  });

  test.each([
    ['tasmota_9C/SENSOR', 'tasmota_9C/AM2301'],
    ['tele/tasmota_9C/SENSOR', 'tasmota_9C/AM2301'],
    ['tele/SENSOR', 'AM2301'],
  ])('of topic %s is of sensor %s', (channel, sensor) => {
    const decoded = decodeTasmota(channel, fixture('sensor-am2301-bme280.json'));
    expect(decoded).toMatchObject({ readings: [{ sensor }, {}, {}, {}] });
  });
});

describe('LWT and STATE', () => {
  test.each([
    ['LWT', 'Online', { connected: true }],
    ['LWT', 'Offline', { connected: false }],
    ['freezer/LWT', 'Offline', { connected: false, sensor: 'freezer' }],
  ])('%s %s is a status', (channel, payload, status) => {
    expect(decodeTasmota(channel, bytes(payload))).toEqual({
      ok: true,
      readings: [{ type: 'status', ...status }],
    });
  });

  test('STATE says that the module is there', () => {
    expect(decodeTasmota('STATE', fixture('state.json'))).toEqual({
      ok: true,
      readings: [{ type: 'status', connected: true }],
    });
  });
});

test.each([
  ['SENSOR', ''],
  ['SENSOR', '{"Time":"2023-05-28T20:04:27","Switch1":"ON"}'],
  ['SENSOR', '{"AM2301":{"Temperature":null,"Humidity":null},"TempUnit":"C"}'],
  ['INFO1', '{"Info1":{"Module":"Generic"}}'],
  ['stat/freezer/STATUS8', '{"StatusSNS":{"AM2301":{"Temperature":4}}}'],
  ['cmnd/freezer/TelePeriod', '60'],
])('%s %s says nothing of the climate and is no fault', (channel, payload) => {
  expect(decodeTasmota(channel, bytes(payload))).toEqual({ ok: true, readings: [] });
});

test.each([
  ['SENSOR', '{"AM2301":', 'malformed'],
  ['SENSOR', '{"AM2301":{"Temperature":nan},"TempUnit":"C"}', 'not-a-number'],
  ['SENSOR', '{"AM2301":{"Temperature":"warm"}}', 'wrong-type'],
  ['SENSOR', '{"AM2301":{"Temperature":1e300}}', 'not-a-number'],
  ['SENSOR', '{"SHT3X":{"Temperature":3276.7}}', 'out-of-range'],
  ['SENSOR', '{"DS18B20":{"Temperature":85.0},"TempUnit":"C"}', 'out-of-range'],
  ['SENSOR', '{"DS18B20":{"Temperature":185.0},"TempUnit":"F"}', 'out-of-range'],
  ['SENSOR', '{"AM2301":{"Temperature":280},"TempUnit":"K"}', 'unknown-message'],
  ['LWT', 'Sleeping', 'malformed'],
])('%s %s is refused as %s', (channel, payload, reason) => {
  const decoded = decodeTasmota(channel, bytes(payload));
  expect(decoded.ok ? undefined : decoded.reason).toBe(reason);
});

test('no topic and no bytes make it throw, and what it reads is canonical', () => {
  const whole = [...fixture('sensor-ds18b20.json')];
  const damaged = fc
    .tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }))
    .map(([at, byte]) => Uint8Array.from(whole.with(at, byte)));
  const value = fc.oneof(fc.double(), fc.string(), fc.constant(null));
  const report = fc
    .record({ Temperature: value, Humidity: value }, { requiredKeys: [] })
    .map((probe) => bytes(JSON.stringify({ AM2301: probe, TempUnit: 'C' })));
  const channel = fc.oneof(fc.constantFrom('SENSOR', 'LWT', 'STATE'), fc.string());
  fc.assert(
    fc.property(channel, fc.oneof(fc.uint8Array(), damaged, report), (name, payload) => {
      const decoded = decodeTasmota(name, payload);
      if (decoded.ok) for (const reading of decoded.readings) encodeCanonical({ ...reading });
    }),
    { numRuns: 2000 },
  );
});
