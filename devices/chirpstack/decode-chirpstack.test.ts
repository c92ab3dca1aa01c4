import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unreadableTime } from '#contracts/time.ts';
import { decodeCanonical, encodeCanonical } from '#contracts/canonical.ts';
import type { Canonical } from '#contracts/canonical.ts';
import type { Decoded } from '../profile.ts';
import { chirpStack } from './profile.ts';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const bytes = (body: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(body));
const upAtMs = Date.UTC(2026, 7, 13, 9, 14, 28, 651);
const eui = '24e124136b502217';
const up = `device/${eui}/event/up`;

/** The events of one application; the state goes through canonical text each time. */
class Feed {
  state: Canonical = chirpStack.initialState;

  send(channel: string, payload: Uint8Array): Decoded {
    const step = chirpStack.decode(this.state, { channel, payload, receivedAtMs: upAtMs + 200 });
    this.state = decodeCanonical(encodeCanonical(step.state));
    return step.decoded;
  }
}

const send = (channel: string, payload: Uint8Array): Decoded => new Feed().send(channel, payload);
const uplink = (object: unknown, more: object = {}): Uint8Array =>
  bytes({ deviceInfo: { devEui: eui }, fPort: 85, data: 'AQ==', object, ...more });

describe('an uplink', () => {
  test('of v4 gives what the codec decoded, with the event’s id as key', () => {
    const naturalKey = `${eui}/3ac7e3c4-4401-4b8d-9386-a5c902f9202d`;
    const common = { type: 'climate', sensor: eui, claimedMs: upAtMs, naturalKey };
    expect(send(up, fixture('v4-up.json'))).toEqual({
      ok: true,
      readings: [
        { ...common, measure: 'temperature', value: -2500 },
        { ...common, measure: 'humidity', value: 400 },
      ],
    });
  });

  test('of v3 gives Cayenne’s channels, its EUI from base64, the time of a gateway that has one', () => {
    const naturalKey = `${eui}/10@${upAtMs}`;
    const common = { type: 'climate', claimedMs: upAtMs, naturalKey };
    expect(send(up, fixture('v3-up.json'))).toEqual({
      ok: true,
      readings: [
        { ...common, sensor: `${eui}/1`, measure: 'temperature', value: 22_500 },
        { ...common, sensor: `${eui}/2`, measure: 'humidity', value: 400 },
      ],
    });
  });

  test('of v3’s older format gives the same under rx', () => {
    expect(send(`device/${eui}/rx`, fixture('v3-rx-legacy.json'))).toMatchObject({
      readings: [
        { sensor: eui, measure: 'temperature', value: 22_500 },
        { sensor: eui, measure: 'humidity', value: 400 },
      ],
    });
  });

  test.each(['event/up', `device/${eui}/event/up`, `17c82e96/device/${eui}/event/up`])(
    'is known by the end of its topic: %s',
    (channel) => {
      expect(send(channel, fixture('v4-up.json'))).toMatchObject({ readings: [{}, {}] });
    },
  );

  test('that comes again gives nothing', () => {
    const feed = new Feed();
    for (const name of ['v4-up.json', 'v3-up.json', 'v3-rx-legacy.json']) {
      expect(feed.send(up, fixture(name))).not.toMatchObject({ readings: [] });
    }
    for (const name of ['v4-up.json', 'v3-up.json', 'v3-rx-legacy.json']) {
      expect(feed.send(up, fixture(name))).toEqual({ ok: true, readings: [], repeated: 1 });
    }
  });

  test('without an id and a time has no key, and passes', () => {
    const feed = new Feed();
    const bare = bytes({
      devEUI: eui,
      fCnt: 0,
      fPort: 5,
      data: 'AQ==',
      object: { temperature: 4 },
    });
    for (const _again of [1, 2]) {
      const reading = { type: 'climate', sensor: eui, measure: 'temperature', value: 4000 };
      expect(feed.send(up, bare)).toEqual({ ok: true, readings: [reading] });
    }
  });

  test('of v3 under a time that nobody can believe has no key, and passes', () => {
    const feed = new Feed();
    const time = '1970-01-01T00:00:07Z';
    const event = { devEUI: eui, fCnt: 3, fPort: 5, data: 'AQ==', rxInfo: [{ time }] };
    for (const temperature of [4, 5]) {
      const said = feed.send(up, bytes({ ...event, object: { temperature } }));
      expect(said).toMatchObject({ readings: [{ value: temperature * 1000 }] });
    }
  });

  test('under a time that cannot be read says so, unless a gateway had one that can', () => {
    const v4 = { deviceInfo: { devEui: eui }, time: '2026-08-13T09:14:28' };
    const v3 = { devEUI: eui, rxInfo: [{ time: 'soon' }] };
    const body = { fCnt: 3, fPort: 5, data: 'AQ==', object: { temperature: 4 } };
    const claimed = (said: object) => {
      const decoded = new Feed().send(up, bytes({ ...body, ...said }));
      return decoded.ok ? decoded.readings.map(({ claimedMs }) => claimedMs) : decoded;
    };
    expect(claimed(v4)).toEqual([unreadableTime]);
    expect(claimed(v3)).toEqual([unreadableTime]);
    const time = new Date(upAtMs).toISOString();
    expect(claimed({ ...v3, publishedAt: time })).toEqual([upAtMs]);
    expect(claimed({ ...v3, rxInfo: [...v3.rxInfo, { time }] })).toEqual([upAtMs]);
  });

  test('that is refused leaves no trace', () => {
    const feed = new Feed();
    const bad = uplink({ temperature: 'warm' }, { deduplicationId: 'a' });
    expect([feed.send(up, bad).ok, feed.send(up, bad).ok]).toEqual([false, false]);
    expect(feed.state).toEqual({});
  });
});

describe('join and status', () => {
  test('say that the sensor is there, and status its battery', () => {
    const feed = new Feed();
    expect(feed.send(`device/${eui}/event/join`, fixture('v4-join.json'))).toMatchObject({
      readings: [{ type: 'status', sensor: eui, connected: true }],
    });
    expect(feed.send(`device/${eui}/event/status`, fixture('v4-status.json'))).toMatchObject({
      readings: [{ type: 'status', sensor: eui, connected: true, batteryPercent: 88 }],
    });
  });

  test.each([
    { batteryLevelUnavailable: true },
    { externalPowerSource: true },
    { batteryLevel: -1 },
  ])('a battery that cannot be told is not told: %o', (more) => {
    const decoded = send('event/status', bytes({ devEUI: eui, batteryLevel: 0, ...more }));
    expect(decoded).toEqual({
      ok: true,
      readings: [{ type: 'status', sensor: eui, connected: true }],
    });
  });
});

test.each([
  [`device/${eui}/event/ack`, bytes({})],
  [`device/${eui}/event/log`, bytes({ level: 'ERROR' })],
  [`device/${eui}/command/down`, bytes({ data: '' })],
  [`device/${eui}/tx`, bytes({})],
  [up, uplink(null, { data: '' })],
  [up, uplink(null, { data: null })],
  [up, uplink(null, { fPort: 0 })],
  [up, uplink(null, { fPort: 202 })],
  [up, uplink({ button: 1 })],
  [up, uplink({ temperature: null })],
])('%s says nothing of the climate and is no fault', (channel, payload) => {
  expect(send(channel, payload)).toEqual({ ok: true, readings: [] });
});

describe('what cannot be read', () => {
  test.each([
    ['protobuf', up, Uint8Array.of(0x0a, 0x24, 0x33), 'malformed'],
    ['another topic', 'device/x', bytes({}), 'unknown-message'],
    ['no device', up, bytes({ fPort: 1 }), 'wrong-type'],
    ['half an EUI', up, bytes({ devEUI: '24e124' }), 'wrong-type'],
    ['no base64', up, uplink({}, { data: '§' }), 'wrong-type'],
    ['a flood of base64', up, uplink({}, { data: 'A'.repeat(1028) }), 'oversized'],
    ['an object that is none', up, uplink([1]), 'wrong-type'],
    ['an objectJSON that is none', up, uplink(undefined, { objectJSON: '{' }), 'malformed'],
    ['half a port', up, uplink({}, { fPort: 1.5 }), 'wrong-type'],
    ['a word', up, uplink({ temperature: 'warm' }), 'wrong-type'],
    ['a broken probe', up, uplink({ temperature: -327.68 }), 'out-of-range'],
    ['humidity in another unit', up, uplink({ humidity: 400 }), 'out-of-range'],
    ['too large', up, uplink({ temperature: 1e300 }), 'not-a-number'],
  ])('%s', (_name, channel, payload, reason) => {
    const decoded = send(channel, payload);
    expect(decoded.ok ? undefined : decoded.reason).toBe(reason);
  });

  test('bytes that nobody decoded are refused with the remedy', () => {
    const decoded = send(up, uplink(undefined));
    expect(decoded.ok ? '' : decoded.detail).toContain('give the device profile');
  });

  test('neither noise nor damaged events make it throw, and what it reads is canonical', () => {
    const whole = ['v4-up.json', 'v3-up.json', 'v4-status.json'].map((name) => [...fixture(name)]);
    const damaged = fc
      .tuple(fc.constantFrom(...whole), fc.nat(10_000), fc.integer({ min: 0, max: 255 }))
      .map(([event, at, byte]) => Uint8Array.from(event.with(at % event.length, byte)));
    const made = fc
      .anything()
      .map((value) => uplink({ temperature: value, humiditySensor: value }));
    const channel = fc.oneof(fc.constantFrom(up, 'event/join', 'event/status'), fc.string());
    const message = fc.tuple(channel, fc.oneof(fc.uint8Array(), damaged, made));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        const feed = new Feed();
        for (const [name, payload] of messages) {
          const decoded = feed.send(name, payload);
          if (decoded.ok) for (const reading of decoded.readings) encodeCanonical({ ...reading });
        }
      }),
      { numRuns: 500 },
    );
  });
});
