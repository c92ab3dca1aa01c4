import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import sparkplug from 'sparkplug-payload';
import proto from 'sparkplug-payload/lib/sparkplugPayloadProto.js';
import { describe, expect, test } from 'vitest';
import { decodeCanonical, encodeCanonical } from '#contracts/canonical.ts';
import type { Canonical } from '#contracts/canonical.ts';
import type { Decoded } from '../profile.ts';
import type { Reading } from '../reading.ts';
import { askEveryMs } from './edge-node.ts';
import { sparkplugB } from './profile.ts';

const codec = sparkplug.get('spBv1.0');
const { Payload } = proto.org.eclipse.tahu.protobuf;
type Metric = proto.org.eclipse.tahu.protobuf.Payload.IMetric;

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const bornMs = Date.UTC(2026, 7, 13, 9, 14, 28, 651);

/** A data message as the specification wants it: no datatype, no names where there are aliases. */
function data(seq: number, metrics: Metric[], timestamp = bornMs + 1000): Uint8Array {
  return Payload.encode({ timestamp, seq, metrics }).finish();
}

/** A node's birth that declares nothing. */
function nodeBirth(bdSeq: number, seq = 0, timestamp = bornMs + 2000): Uint8Array {
  return data(seq, [{ name: 'bdSeq', datatype: 4, longValue: bdSeq }], timestamp);
}

/**
 * One edge node's messages through the profile; the state goes through canonical text each time.
 */
class Feed {
  state: Canonical = sparkplugB.initialState;
  nowMs = bornMs + 15_000;

  send(channel: string, payload: Uint8Array): Decoded {
    const step = sparkplugB.decode(this.state, { channel, payload, receivedAtMs: this.nowMs });
    this.state = decodeCanonical(encodeCanonical(step.state));
    return step.decoded;
  }

  readings(channel: string, payload: Uint8Array): readonly Reading[] {
    const decoded = this.send(channel, payload);
    if (!decoded.ok) throw new Error(`refused: ${decoded.reason}, ${decoded.detail}`);
    return decoded.readings;
  }

  born(): this {
    this.readings('NBIRTH/edge-1', fixture('nbirth.bin'));
    this.readings('DBIRTH/edge-1/cold-1', fixture('dbirth.bin'));
    return this;
  }
}

describe('births, data and deaths', () => {
  test('births say that node and device are there, and carry the first values', () => {
    const feed = new Feed();
    expect(feed.readings('NBIRTH/edge-1', fixture('nbirth.bin'))).toEqual([
      { type: 'status', connected: true },
    ]);
    expect(feed.readings('DBIRTH/edge-1/cold-1', fixture('dbirth.bin'))).toEqual([
      { type: 'status', connected: true, sensor: 'cold-1' },
      {
        type: 'climate',
        sensor: 'cold-1',
        measure: 'temperature',
        value: 4000,
        claimedMs: bornMs + 10,
        naturalKey: `edge-1/7.1@${bornMs + 10}`,
      },
      {
        type: 'climate',
        sensor: 'cold-1',
        measure: 'humidity',
        value: 813,
        claimedMs: bornMs + 10,
        naturalKey: `edge-1/7.1@${bornMs + 10}`,
      },
    ]);
  });

  test('data by alias without datatype is read with the unit of the birth', () => {
    const claimedMs = Date.UTC(2026, 7, 13, 9, 14, 38);
    const readings = new Feed().born().readings('DDATA/edge-1/cold-1', fixture('ddata-alias.bin'));
    expect(readings).toMatchObject([
      { type: 'climate', sensor: 'cold-1', measure: 'temperature', value: 4500, claimedMs },
    ]);
  });

  test('data by name needs no birth; a path names a sensor within the device', () => {
    const feed = new Feed();
    const metrics = [
      { name: 'Zone 1/TEMPERATURE', doubleValue: -18.25 },
      { name: 'Zone 2/humidity', intValue: 40 },
      { name: 'Fan', intValue: 1 },
    ];
    expect(feed.readings('DDATA/edge-1/cold-1', data(9, metrics))).toMatchObject([
      { sensor: 'cold-1/Zone 1', measure: 'temperature', value: -18_250 },
      { sensor: 'cold-1/Zone 2', measure: 'humidity', value: 400 },
    ]);
    const [own] = feed.readings(
      'NDATA/edge-1',
      data(10, [{ name: 'Temperature', doubleValue: 4 }]),
    );
    expect(own).toMatchObject({
      type: 'climate',
      measure: 'temperature',
      value: 4000,
      claimedMs: bornMs + 1000,
    });
    expect(own).not.toHaveProperty('sensor');
  });

  test('null is skipped, history is marked and keeps its own time, integers their sign', () => {
    const birth = codec?.encodePayload({
      timestamp: bornMs,
      seq: 1,
      metrics: [
        { name: 'Temperature', type: 'Int16', value: -5, alias: 10 },
        { name: 'Humidity', type: 'Double', value: null, alias: 11 },
      ],
    });
    const feed = new Feed();
    feed.readings('NBIRTH/edge-1', fixture('nbirth.bin'));
    expect(feed.readings('DBIRTH/edge-1/s', birth ?? new Uint8Array())).toMatchObject([
      { type: 'status' },
      { measure: 'temperature', value: -5000 },
    ]);
    const past = bornMs - 3_600_000;
    const metrics = [
      { alias: 10, intValue: -7, timestamp: past, isHistorical: true },
      { alias: 11, isNull: true },
    ];
    const readings = feed.readings('DDATA/edge-1/s', data(2, metrics));
    expect(readings).toMatchObject([
      { sensor: 's', measure: 'temperature', value: -7000, claimedMs: past, historical: true },
    ]);
  });

  test('deaths say who is gone, and aliases die with their birth', () => {
    const feed = new Feed().born();
    expect(feed.readings('NDEATH/edge-1', fixture('ndeath.bin'))).toEqual([
      { type: 'status', connected: false },
      { type: 'status', connected: false, sensor: 'cold-1' },
    ]);
    expect(feed.send('DDATA/edge-1/cold-1', fixture('ddata-alias.bin'))).toMatchObject({
      ok: false,
      reason: 'unknown-message',
      detail: 'alias 10 is in no birth certificate seen',
    });
  });

  test('the will of an earlier connection does not kill the new birth', () => {
    const feed = new Feed().born();
    const stale = Payload.encode({ metrics: [{ name: 'bdSeq', longValue: 6 }] }).finish();
    expect(feed.readings('NDEATH/edge-1', stale)).toEqual([]);
    expect(feed.readings('DDATA/edge-1/cold-1', fixture('ddata-alias.bin'))).toHaveLength(1);
  });

  test('a device death takes its aliases only', () => {
    const feed = new Feed().born();
    expect(feed.readings('DDEATH/edge-1/cold-1', data(2, []))).toEqual([
      { type: 'status', connected: false, sensor: 'cold-1' },
    ]);
    expect(feed.send('DDATA/edge-1/cold-1', data(3, [{ alias: 10, floatValue: 1 }])).ok).toBe(
      false,
    );
    expect(feed.readings('NDATA/edge-1', data(4, [{ alias: 1, booleanValue: true }]))).toEqual([]);
  });
});

describe('sequence numbers', () => {
  test('a gap is told with its size, over the wrap from 255 to 0', () => {
    const feed = new Feed().born();
    const far = feed.readings('NDATA/edge-1', data(250, []));
    expect(far).toEqual([{ type: 'missed', samples: 248 }]);
    expect(feed.readings('NDATA/edge-1', data(3, []))).toEqual([{ type: 'missed', samples: 8 }]);
    expect(feed.readings('NDATA/edge-1', data(4, []))).toEqual([]);
  });

  test('a refused message counts in the sequence; the next one tells of a gap before it', () => {
    const feed = new Feed().born();
    expect(feed.send('DDATA/edge-1/cold-1', data(4, [{ alias: 99, floatValue: 1 }])).ok).toBe(
      false,
    );
    expect(feed.readings('DDATA/edge-1/cold-1', data(5, []))).toEqual([
      { type: 'missed', samples: 2 },
    ]);
  });

  test('a new birth starts the count anew', () => {
    const feed = new Feed().born();
    expect(feed.readings('NBIRTH/edge-1', nodeBirth(8, 200))).toEqual([
      { type: 'status', connected: true },
    ]);
    expect(feed.readings('NDATA/edge-1', data(201, []))).toEqual([]);
  });

  test('a second node counts for itself, also one with a hostile name', () => {
    const feed = new Feed().born();
    expect(feed.readings('NDATA/__proto__', data(100, []))).toEqual([]);
    expect(feed.readings('NDATA/__proto__', data(102, []))).toEqual([
      { type: 'missed', samples: 1 },
    ]);
    expect({}).not.toHaveProperty('missed');
  });
});

describe('a message that comes again', () => {
  test('changes nothing, also behind newer ones', () => {
    const feed = new Feed().born();
    feed.readings('DDATA/edge-1/cold-1', data(2, [{ alias: 10, floatValue: 40 }]));
    feed.readings('NDATA/edge-1', data(3, []));
    const before = feed.state;
    expect(feed.readings('NBIRTH/edge-1', fixture('nbirth.bin'))).toEqual([]);
    expect(feed.readings('DDATA/edge-1/cold-1', data(2, [{ alias: 10, floatValue: 40 }]))).toEqual(
      [],
    );
    expect(feed.state).toEqual(before);
    expect(feed.readings('NDATA/edge-1', data(4, []))).toEqual([]);
  });

  test('is new where the count came round, or where the clock of the node stands still', () => {
    const feed = new Feed().born();
    const same = (timestamp: number) =>
      feed.readings('NDATA/edge-1', data(2, [{ name: 'Temperature', floatValue: 4 }], timestamp));
    expect(same(bornMs + 1000)).toHaveLength(1);
    expect(same(bornMs + 1500)).toHaveLength(1);
    expect([same(0), same(0)]).toMatchObject([[{ value: 4000 }], [{ value: 4000 }]]);
  });
});

describe('a rebirth is asked for', () => {
  const metric = { alias: 10, floatValue: 40 };

  test.each([
    ['data comes before any birth', new Feed(), 'DDATA/edge-1/cold-1', data(7, [metric])],
    ['data by name does', new Feed(), 'NDATA/edge-1', data(7, [])],
    ['the birth of a device is missing', new Feed().born(), 'DDATA/edge-1/cold-2', data(2, [])],
    ['an alias is unknown', new Feed().born(), 'DDATA/edge-1/cold-1', data(2, [{ alias: 99 }])],
    ['a sequence number is skipped', new Feed().born(), 'DDATA/edge-1/cold-1', data(5, [metric])],
  ])('when %s', (_name, feed, channel, payload) => {
    const { request } = feed.send(channel, payload);
    expect(request?.channel).toBe('NCMD/edge-1');
    expect(codec?.decodePayload(request?.payload ?? new Uint8Array())).toMatchObject({
      metrics: [{ name: 'Node Control/Rebirth', type: 'Boolean', value: true }],
    });
  });

  test('not while all is well, nor of a node that has gone', () => {
    const feed = new Feed().born();
    const sent = [
      feed.send('DDATA/edge-1/cold-1', fixture('ddata-alias.bin')),
      feed.send('DDEATH/edge-1/cold-1', data(3, [])),
      feed.send('NDEATH/edge-1', fixture('ndeath.bin')),
    ];
    expect(sent.map(({ request }) => request)).toEqual([undefined, undefined, undefined]);
  });

  test('once a minute at most, also over births of which some are lost, until it helps', () => {
    const feed = new Feed();
    const asks = (channel: string, payload: Uint8Array) =>
      feed.send(channel, payload).request !== undefined;
    expect(asks('NDATA/edge-1', data(7, []))).toBe(true);
    expect(asks('NDATA/edge-1', data(8, []))).toBe(false);
    expect(asks('NBIRTH/edge-1', nodeBirth(8))).toBe(false);
    expect(asks('NDATA/edge-1', data(3, []))).toBe(false);
    feed.nowMs += askEveryMs;
    expect(asks('NDATA/edge-1', data(4, []))).toBe(true);
    feed.nowMs += askEveryMs;
    expect(asks('NBIRTH/edge-1', nodeBirth(8, 0, bornMs + 3000))).toBe(false);
    expect(asks('NDATA/edge-1', data(1, []))).toBe(false);
  });

  test('a clock that was set back does not silence it', () => {
    const feed = new Feed();
    expect(feed.send('NDATA/edge-1', data(7, [])).request).toBeDefined();
    feed.nowMs -= 3_600_000;
    expect(feed.send('NDATA/edge-1', data(8, [])).request).toBeDefined();
  });
});

describe('a message with a part that is no use', () => {
  test('gives the rest, and tells', () => {
    const metrics = [
      { name: 'Zone 1/Temperature', doubleValue: 3276.7 },
      { name: 'Zone 2/Temperature', doubleValue: 4 },
    ];
    expect(new Feed().born().send('DDATA/edge-1/cold-1', data(2, metrics))).toMatchObject({
      ok: true,
      readings: [{ sensor: 'cold-1/Zone 2', value: 4000 }],
      partly: { reason: 'out-of-range' },
    });
  });

  test('a birth that declares an unheard-of unit is a birth all the same', () => {
    const feed = new Feed();
    feed.send('NBIRTH/edge-1', fixture('nbirth.bin'));
    const properties = { keys: ['engUnit'], values: [{ type: 12, stringValue: 'degR' }] };
    const metrics = [{ name: 'Temperature', alias: 10, doubleValue: 500, properties }];
    expect(feed.send('DBIRTH/edge-1/cold-1', data(1, metrics))).toMatchObject({
      ok: true,
      readings: [{ type: 'status', sensor: 'cold-1', connected: true }],
      partly: { reason: 'unknown-message' },
    });
    expect(
      feed.send('DDATA/edge-1/cold-1', data(2, [{ alias: 10, doubleValue: 500 }])),
    ).toMatchObject({ ok: false, detail: 'the unit of metric "Temperature"' });
  });
});

describe('what cannot be read', () => {
  const temperature = (metric: Metric): Uint8Array => data(2, [{ name: 'Temperature', ...metric }]);
  const past = (timestamp?: number): Metric => ({
    doubleValue: 4,
    isHistorical: true,
    ...(timestamp === undefined ? {} : { timestamp }),
  });
  const compressed = Payload.encode({
    uuid: 'SPBV1.0_COMPRESSED',
    body: Uint8Array.of(1),
  }).finish();
  const unit = (stringValue: string): Metric => ({
    doubleValue: 300,
    properties: { keys: ['engUnit'], values: [{ type: 12, stringValue }] },
  });

  test.each([
    ['no protobuf', 'NDATA/e', Uint8Array.of(0x0a, 0xff), 'malformed'],
    ['no sequence number', 'NDATA/e', new Uint8Array(), 'malformed'],
    ['a sequence number of 256', 'NDATA/e', data(256, []), 'wrong-type'],
    ['NaN', 'NDATA/e', temperature({ doubleValue: Number.NaN }), 'not-a-number'],
    ['an infinity', 'NDATA/e', temperature({ floatValue: Infinity }), 'not-a-number'],
    ['too large', 'NDATA/e', temperature({ doubleValue: 1e300 }), 'not-a-number'],
    ['a word', 'NDATA/e', temperature({ stringValue: 'warm' }), 'wrong-type'],
    ['a truth', 'NDATA/e', temperature({ booleanValue: true }), 'wrong-type'],
    ['an unheard-of unit', 'NDATA/e', temperature(unit('degR')), 'unknown-message'],
    ['a unit of something else', 'NDATA/e', temperature(unit('%')), 'unknown-message'],
    ['a metric without a name', 'NDATA/e', data(2, [{ doubleValue: 1 }]), 'wrong-type'],
    ['a broken probe', 'NDATA/e', temperature({ doubleValue: -327.68 }), 'out-of-range'],
    ['history of 1970', 'NDATA/e', temperature(past(0)), 'out-of-range'],
    ['history of no time', 'NDATA/e', temperature(past()), 'out-of-range'],
    ['a compressed payload', 'NDATA/e', compressed, 'unknown-message'],
    ['another topic', 'XDATA/e', data(2, []), 'unknown-message'],
    ['a device where none belongs', 'NDATA/e/d', data(2, []), 'unknown-message'],
    ['no device where one belongs', 'DDATA/e', data(2, []), 'unknown-message'],
    ['no edge node', 'NDATA/', data(2, []), 'unknown-message'],
  ])('%s', (_name, channel, payload, reason) => {
    const decoded = new Feed().send(channel, payload);
    expect(decoded.ok ? undefined : decoded.reason).toBe(reason);
  });

  test('kelvin and a unit in the message itself are converted', () => {
    expect(new Feed().readings('NDATA/e', temperature(unit('K')))).toMatchObject([
      { value: 26_850 },
    ]);
  });

  test('commands and host states pass by', () => {
    expect(new Feed().readings('NCMD/e', data(0, []))).toEqual([]);
    expect(new Feed().readings('STATE/host', Uint8Array.of(0x7b, 0x7d))).toEqual([]);
  });

  test('neither noise nor damaged messages make it throw, and the state stays canonical', () => {
    const whole = ['nbirth.bin', 'dbirth.bin', 'ddata-alias.bin'].map((name) => [...fixture(name)]);
    const damaged = fc
      .tuple(fc.constantFrom(...whole), fc.nat(10_000), fc.integer({ min: 0, max: 255 }))
      .map(([message, at, byte]) => Uint8Array.from(message.with(at % message.length, byte)));
    const channel = fc.oneof(
      fc.constantFrom('NBIRTH/e', 'DBIRTH/e/d', 'DDATA/e/d', 'NDATA/e', 'NDEATH/e', 'DDEATH/e/d'),
      fc.string(),
    );
    const message = fc.tuple(channel, fc.oneof(fc.uint8Array(), damaged));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
        const feed = new Feed();
        for (const [name, payload] of messages) {
          const decoded = feed.send(name, payload);
          const readings = decoded.ok ? decoded.readings : [];
          for (const reading of readings) encodeCanonical({ ...reading });
        }
      }),
      { numRuns: 500 },
    );
  });
});
