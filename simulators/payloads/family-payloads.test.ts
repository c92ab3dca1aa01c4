import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Decoded } from '../../devices/profile.ts';
import type { Reading } from '../../devices/reading.ts';
import { profileOf } from '../../devices/registry.ts';
import type { ClimateEmission, InputEmission, ScanEmission } from '../world/emission.ts';
import { encodeSgtin96 } from '../world/sgtin96.ts';
import type { ClimateLayout, ReaderLayout } from '../world/site-layout.ts';
import { deviceUuid } from './device-uuid.ts';
import { climateSpeech, readerSpeech, scannerSpeech, type SpokenMessage } from './speech.ts';

const baseMs = Date.UTC(2026, 3, 2, 12);
const eui = '24e1240000001003';
const mac = 'CB:B8:33:4C:88:01';

/** Decodes messages one after the other, as a gateway does: with the profile's state in between. */
function decoder(profileId: string, topic: string) {
  const profile = profileOf(profileId);
  if (profile === undefined) throw new Error(`no profile ${profileId}`);
  let state = profile.initialState;
  return (message: SpokenMessage): Decoded => {
    const channel = message.topic.slice(topic.length + 1);
    const { payload } = message;
    const step = profile.decode(state, { channel, payload, receivedAtMs: baseMs + 60_000 });
    state = step.state;
    return step.decoded;
  };
}

function readingsOf(decoded: Decoded): readonly Reading[] {
  if (!decoded.ok) throw new Error(`${decoded.reason}: ${decoded.detail}`);
  expect(decoded.partly).toBeUndefined();
  return decoded.readings;
}

function climate(number: number, sensor: string): ClimateEmission {
  const atMs = number * 4000;
  const common = { type: 'climate', site: 's', device: 'c', atMs, number, sensor } as const;
  return { ...common, tempMilliC: -4560 + number * 100, humidityPermille: 455 };
}

function layoutOf(
  profile: ClimateLayout['profile'],
  topic: string,
  sensor: string,
  version: 3 | 4,
) {
  const sensors = [{ name: sensor, zone: 'cold' }];
  const delivery = { id: 'c', topic, qos: 1, buffers: true } as const;
  return { ...delivery, profile, version, everyMs: 4000, sensors } satisfies ClimateLayout;
}

describe('climate sensors say what it is, in each of their forms', () => {
  test.each([
    // Tenths of a °C and half percents are what LoRaWAN sensors have, tenths of a °F others.
    ['tasmota', 'tele/t', 'AM2301', 4, 60, 5],
    ['chirpstack', 'application/1', eui, 4, 0, 0],
    ['chirpstack', 'application/1', eui, 3, 0, 0],
    ['milesight', 'application/2', eui, 4, 50, 5],
    ['ruuvi', 'ruuvi/C8:25:2D:8E:9C:01', mac, 4, 3, 1],
  ] as const)('%s below %s', (profile, topic, sensor, version, offMilliC, offPermille) => {
    const speech = climateSpeech(layoutOf(profile, topic, sensor, version), baseMs);
    const decode = decoder(profile, topic);
    for (let number = 1; number <= 20; number += 1) {
      const said = climate(number, sensor);
      const readings = speech.say(said).flatMap((message) => readingsOf(decode(message)));
      const live = readings.flatMap((one) =>
        one.type === 'climate' && one.historical !== true ? [one] : [],
      );
      expect(live.map(({ measure }) => measure)).toEqual(['temperature', 'humidity']);
      expect(live.every((one) => one.sensor === sensor)).toBe(true);
      const [temperature, humidity] = live.map(({ value }) => value);
      expect(Math.abs((temperature ?? 0) - said.tempMilliC)).toBeLessThanOrEqual(offMilliC);
      expect(Math.abs((humidity ?? 0) - said.humidityPermille)).toBeLessThanOrEqual(offPermille);
      for (const { claimedMs } of profile === 'tasmota' ? [] : live) {
        expect(Math.abs((claimedMs ?? 0) - baseMs - said.atMs)).toBeLessThan(1000);
      }
    }
  });

  test('Milesight tells its battery, and a report once more with the time that it had', () => {
    const speech = climateSpeech(layoutOf('milesight', 'application/2', eui, 4), baseMs);
    const decode = decoder('milesight', 'application/2');
    const all = Array.from({ length: 14 }, (_, index) =>
      speech.say(climate(index + 1, eui)).flatMap((message) => readingsOf(decode(message))),
    );
    expect(all[9]?.[0]).toMatchObject({ type: 'status', batteryPercent: 92 });
    const past = all[6]?.filter((one) => one.type === 'climate' && one.historical === true);
    expect(past).toMatchObject([
      { measure: 'temperature', value: -4000, claimedMs: baseMs + 24_000 },
      { measure: 'humidity', value: 455 },
    ]);
  });

  test('RuuviTags advertise a measurement twice, of which one counts', () => {
    const topic = 'ruuvi/C8:25:2D:8E:9C:01';
    const speech = climateSpeech(layoutOf('ruuvi', topic, mac, 4), baseMs);
    const decode = decoder('ruuvi', topic);
    const counts = speech.say(climate(1, mac)).map((message) => readingsOf(decode(message)).length);
    expect(counts).toEqual([2, 0]);
  });

  test.each([
    ['tasmota', 'tele/t', 'AM2301'],
    ['ruuvi', 'ruuvi/C8:25:2D:8E:9C:01', mac],
  ] as const)('%s is there, and leaves word for when it is not', (profile, topic, sensor) => {
    const speech = climateSpeech(layoutOf(profile, topic, sensor, 4), baseMs);
    const decode = decoder(profile, topic);
    const words = [...(speech.greeting?.() ?? []), ...(speech.will ? [speech.will()] : [])];
    expect(words.flatMap((word) => readingsOf(decode(word)))).toMatchObject([
      { type: 'status', connected: true },
      { type: 'status', connected: false },
    ]);
  });

  test('have the shape of what the makers document', () => {
    const shapeOf = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([key, of]) => [key, shapeOf(of)]))
        : typeof value;
    const fixture = (path: string) =>
      JSON.parse(readFileSync(new URL(`../../devices/${path}`, import.meta.url), 'utf8')) as Record<
        string,
        unknown
      >;
    const said = (layout: ClimateLayout, number: number) => {
      const [name] = layout.sensors.map((sensor) => sensor.name);
      const [message] = climateSpeech(layout, baseMs).say(climate(number, name ?? ''));
      return JSON.parse(Buffer.from(message?.payload ?? []).toString()) as Record<string, unknown>;
    };
    const ruuvi = said(layoutOf('ruuvi', 'ruuvi/C8:25:2D:8E:9C:01', mac, 4), 205);
    expect(shapeOf(ruuvi)).toEqual(shapeOf(fixture('ruuvi/fixtures/tag.json')));
    expect(String(ruuvi['data'])).toMatch(/^0201061BFF990405[0-9A-F]{30}00CDCBB8334C8801$/);
    const v4 = said(layoutOf('chirpstack', 'application/1', eui, 4), 1);
    const documented = fixture('chirpstack/fixtures/v4-up.json');
    for (const key of ['deduplicationId', 'time', 'deviceInfo', 'fCnt', 'fPort', 'data']) {
      expect(typeof v4[key]).toBe(typeof documented[key]);
    }
    const v3 = said(layoutOf('chirpstack', 'application/1', eui, 3), 1);
    const older = fixture('chirpstack/fixtures/v3-up.json');
    for (const key of ['devEUI', 'rxInfo', 'fCnt', 'fPort', 'data', 'objectJSON']) {
      expect(typeof v3[key]).toBe(typeof older[key]);
    }
  });
});

const sgtin = { companyPrefix: 9_521_321, itemReference: 100_007, serial: 100_000_041 };
function scans(number: number): ScanEmission {
  const common = { type: 'scans', site: 's', device: 'd', atMs: 1500, number } as const;
  const other = { ...sgtin, serial: sgtin.serial + 1 };
  const labels = [
    { type: 'item', sgtin },
    { type: 'item', sgtin: other },
    { type: 'shelf', text: 'SHELF A-12' },
  ] as const;
  return { ...common, labels, chance: 77 };
}

const handheld: ReaderLayout = {
  id: 'd',
  topic: 'd',
  profile: 'zebra-rfd',
  qos: 1,
  buffers: true,
  antennas: [{ antenna: 1, zone: 'rack' }],
  scansIn: 'rack',
};

describe('barcodes', () => {
  const scanner = { id: 'd', topic: 'd', qos: 1, buffers: true, zone: 'dock' } as const;
  const speeches = {
    'mqtt-scanner': scannerSpeech({ ...scanner, profile: 'mqtt-scanner' }, baseMs),
    'http-scanner': scannerSpeech({ ...scanner, profile: 'http-scanner' }, baseMs),
    'zebra-rfd': readerSpeech(handheld, baseMs),
  };
  const forms = Object.keys(speeches).flatMap((profile) =>
    [1, 2, 3, 4].map((number) => [profile as keyof typeof speeches, number] as const),
  );

  test.each(forms)('%s, message %i: every label, as it is printed', (profile, number) => {
    const [message] = speeches[profile].say(scans(number));
    if (message === undefined) throw new Error('no message');
    const readings = readingsOf(decoder(profile, 'd')(message));
    expect(readings).toMatchObject([
      { type: 'scan', code: { gtin: '19521321000077', serial: '100000041' } },
      { type: 'scan', code: { gtin: '19521321000077', serial: '100000042' } },
      { type: 'scan', code: { form: 'text', text: 'SHELF A-12' } },
    ]);
    const texts = readings.map((one) => (one.type === 'scan' ? one.code.text : ''));
    expect(message.codes).toEqual(texts);
    expect(readings.every(({ claimedMs }) => claimedMs === baseMs + 1500)).toBe(true);
  });

  test('a label is a link or an element string, with a separator where one is due', () => {
    const [message] = speeches['http-scanner'].say(scans(1));
    expect(message?.codes).toEqual([
      'https://id.gs1.org/01/19521321000077/21/100000041',
      ']C1011952132100007710L42\u001d21100000042',
      'SHELF A-12',
    ]);
  });

  test('each scan has an id of its own, which a later run does not repeat', () => {
    const idsOf = (number: number, startMs: number) => {
      const profile = { ...scanner, profile: 'http-scanner' } as const;
      const messages = scannerSpeech(profile, startMs).say(scans(number));
      const decode = decoder('http-scanner', 'd');
      return messages.flatMap((message) =>
        readingsOf(decode(message)).map(({ naturalKey }) => naturalKey),
      );
    };
    const ids = [1, 2, 3].flatMap((number) => idsOf(number, baseMs));
    expect(new Set([...ids, ...idsOf(1, baseMs + 1)]).size).toBe(12);
    expect(idsOf(1, baseMs)).toEqual(ids.slice(0, 3));
  });

  test('the ids are UUIDs of version 7', () => {
    const time = Date.UTC(2022, 1, 22, 19, 22, 22);
    const uuid = deviceUuid(time, 5, 0xc0ffee);
    expect(uuid).toMatch(/^017f22e2-79b0-7005-8000-00c0ffee0005$/);
  });
});

describe('readers', () => {
  test('a handheld numbers its tags and says no antenna', () => {
    const speech = readerSpeech(handheld, baseMs);
    const decode = decoder('zebra-rfd', 'd');
    const read = { epc: encodeSgtin96(sgtin), antenna: 1, rssiCdbm: -4834, seen: 2 };
    const emission = { type: 'tags', site: 's', device: 'd', atMs: 1500 } as const;
    const messages = [9, 10].flatMap((number) =>
      speech.say({ ...emission, number, reads: [read, read] }),
    );
    const readings = messages.flatMap((message) => readingsOf(decode(message)));
    const common = { type: 'tag', epc: read.epc, rssiCdbm: -4800, reads: 2 };
    expect(readings).toMatchObject(
      [1, 2, 3, 4].map((number) => ({ ...common, naturalKey: `${number}@${baseMs + 1500}` })),
    );
    expect(readings.some((one) => 'antenna' in one)).toBe(false);
  });

  test.each(['impinj-r700', 'zebra-iotc'] as const)('%s: the level of an input', (profile) => {
    const layout: ReaderLayout = { ...handheld, profile };
    const speech = readerSpeech(layout, baseMs);
    const decode = decoder(profile, 'd');
    const input = (number: number): InputEmission => {
      const at = { site: 's', device: 'd', atMs: 1500 * number };
      return { type: 'input', ...at, number, input: 1, high: number % 2 === 1 };
    };
    const readings = [1, 2].flatMap((number) =>
      speech.say(input(number)).flatMap((message) => readingsOf(decode(message))),
    );
    expect(readings).toEqual([
      { type: 'input', input: 'gpi-1', level: 'high', claimedMs: baseMs + 1500 },
      { type: 'input', input: 'gpi-1', level: 'low', claimedMs: baseMs + 3000 },
    ]);
  });
});
