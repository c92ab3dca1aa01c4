import { get as sparkplugOf } from 'sparkplug-payload';
import { describe, expect, test } from 'vitest';
import { decodeImpinj } from '../../devices/impinj/decode-impinj.ts';
import { zebraIotc } from '../../devices/zebra/profile.ts';
import { zigbee2mqtt } from '../../devices/zigbee2mqtt/profile.ts';
import { SparkplugNode, zigbeePayload } from './climate-payload.ts';
import { impinjPayload } from './impinj-payload.ts';
import type { ClimateEmission, TagEmission, TagRead } from '../world/emission.ts';
import { zebraPayload } from './zebra-payload.ts';

const baseMs = Date.UTC(2026, 3, 2, 12);
const reads: TagRead[] = [
  { epc: '3074257BF7194E4000001A85', antenna: 1, rssiCdbm: -4834, seen: 2 },
  { epc: '3074257BF719', antenna: 2, rssiCdbm: -6100, seen: 1 },
  { epc: '000000000000000000000000', antenna: 2, rssiCdbm: -5500, seen: 3 },
];

function tags(number: number, count: number): TagEmission {
  const some = reads.slice(0, count);
  return { type: 'tags', site: 'site-1', device: 'r', atMs: 1500, number, reads: some };
}

const climate: ClimateEmission = {
  type: 'climate',
  site: 'site-1',
  device: 'c',
  atMs: 2000,
  number: 7,
  sensor: 'cold room/door',
  tempMilliC: -4560,
  humidityPermille: 455,
};

describe('Impinj', () => {
  const forms = Array.from({ length: 6 }, (_, number) => [number, (number % 3) + 1] as const);

  test.each(forms)(
    'message %i with %i tags says what was read, in any of its forms',
    (number, count) => {
      const decoded = decodeImpinj(impinjPayload(tags(number, count), baseMs));
      expect(decoded).toMatchObject({
        ok: true,
        readings: reads.slice(0, count).map(({ epc, antenna, rssiCdbm }) => ({
          type: 'tag',
          epc,
          antenna,
          rssiCdbm,
          claimedMs: baseMs + 1500,
        })),
      });
    },
  );

  test('no two messages have the same bytes, though they say the same', () => {
    const texts = [1, 2, 4, 5].map((number) => String(impinjPayload(tags(number, 1), baseMs)));
    expect(new Set(texts).size).toBe(4);
  });
});

describe('Zebra', () => {
  test.each([
    [1, 1],
    [10, 1],
    [3, 3],
    [4, 3],
    [5, 3],
  ])(
    'message %i with %i tags says what was read, each with a number of its own',
    (number, count) => {
      const payload = zebraPayload(tags(number, count), baseMs, 41);
      const { decoded } = zebraIotc.decode(zebraIotc.initialState, {
        channel: 'data',
        payload,
        receivedAtMs: baseMs,
      });
      expect(decoded).toMatchObject({
        ok: true,
        readings: reads.slice(0, count).map(({ epc, antenna, rssiCdbm, seen }, index) => ({
          type: 'tag',
          epc,
          antenna,
          rssiCdbm: Math.round(rssiCdbm / 100) * 100,
          reads: seen,
          claimedMs: baseMs + 1500,
          naturalKey: `${41 + index}@${baseMs + 1500}`,
        })),
      });
    },
  );

  test('writes hex small and zones without a colon, as the readers do', () => {
    const text = Buffer.from(zebraPayload(tags(1, 1), baseMs, 1)).toString();
    expect(text).toContain('3074257bf7194e4000001a85');
    expect(text).toContain('2026-04-02T12:00:01.500+0000');
  });
});

test('Zigbee2MQTT reports temperature and humidity with the time they were seen', () => {
  const payload = zigbeePayload(climate, baseMs);
  const { decoded } = zigbee2mqtt.decode(null, {
    channel: climate.sensor,
    payload,
    receivedAtMs: baseMs,
  });
  const common = { type: 'climate', sensor: climate.sensor, claimedMs: baseMs + 2000 };
  expect(decoded).toEqual({
    ok: true,
    readings: [
      { ...common, measure: 'temperature', value: -4560 },
      { ...common, measure: 'humidity', value: 455 },
    ],
  });
});

describe('Sparkplug B', () => {
  const decode = (payload: Uint8Array) => sparkplugOf('spBv1.0')?.decodePayload(payload);

  test('numbers its messages from the birth on, without gaps, and wraps at 256', () => {
    const node = new SparkplugNode();
    node.death();
    const sequence = [node.birth(baseMs), node.deviceBirth(baseMs, undefined)];
    for (let index = 0; index < 256; index += 1) sequence.push(node.data(climate, baseMs));
    const numbers = sequence.map((payload) => Number(decode(payload)?.seq));
    expect(numbers).toEqual(Array.from({ length: 258 }, (_, index) => index % 256));
  });

  test('a new connection has a new bdSeq, the same in birth and will', () => {
    const node = new SparkplugNode();
    const bdSeqs = [0, 1].map(() => {
      const [death, birth] = [node.death(), node.birth(baseMs)].map((payload) =>
        Number(decode(payload)?.metrics?.find(({ name }) => name === 'bdSeq')?.value),
      );
      expect(birth).toBe(death);
      return birth;
    });
    expect(bdSeqs).toEqual([0, 1]);
  });

  test('data uses the aliases that the birth declared', () => {
    const node = new SparkplugNode();
    node.death();
    node.birth(baseMs);
    const birth = decode(node.deviceBirth(baseMs, climate))?.metrics ?? [];
    const names = new Map(birth.map(({ alias, name }) => [Number(alias), name]));
    const data = decode(node.data(climate, baseMs))?.metrics ?? [];
    const said = data.map(({ alias, value }) => [names.get(Number(alias)), Number(value)]);
    expect(said.map(([name]) => name)).toEqual(['temperature', 'humidity']);
    expect(said[0]?.[1]).toBeCloseTo(-4.56, 4);
    expect(said[1]?.[1]).toBeCloseTo(45.5, 4);
  });
});
