import { readFileSync } from 'node:fs';
import mqtt, { type MqttClient } from 'mqtt';
import proto from 'sparkplug-payload/lib/sparkplugPayloadProto.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SiteConfig } from '../config/gateway-config.ts';
import { StandingObserver } from '../observe/standing-observer.ts';
import { configBody, testSite } from '../observe/testing/test-site.ts';
import { Pipeline } from '../pipeline.ts';
import { openTestStores } from '../testing/open-test-stores.ts';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';
import { IntakeBroker } from './broker.ts';
import { deviceAccess, topicOf } from './device-access.ts';
import { DeviceRequests } from './device-requests.ts';

const fixtures = new URL('../../devices/sparkplug-b/fixtures/', import.meta.url);
const fixture = (name: string) => readFileSync(new URL(name, fixtures));

const site: SiteConfig = {
  ...testSite,
  devices: [
    {
      id: 'plant',
      profile: 'sparkplug-b',
      sensors: [{ name: 'cold-1', zone: 'storage' }],
      buffers: false,
      silentAfterMs: 60_000,
    },
  ],
};

async function startGateway() {
  const clock = new FakeClock();
  const { log, said } = createTestLog();
  const { intake, journal } = openTestStores(tempDir(), clock, log);
  const access = (id: string, topic: string) =>
    deviceAccess(id, { username: id, topic }, `${id}-secret`);
  const broker = new IntakeBroker({
    host: '127.0.0.1',
    port: 0,
    maxConnections: 10,
    devices: [access('plant', 'spBv1.0/plant/+/edge-1'), access('other', 'other')],
    intake,
    clock,
    log,
  });
  const requests = new DeviceRequests({ send: (...to) => broker.send(...to), clock, log });
  const pipeline = new Pipeline({
    intake,
    journal,
    observer: new StandingObserver(journal.takeStates()),
    requested: (asks) => requests.ask(asks),
    log,
    fatal: () => {},
    lingerMs: 0,
  });
  intake.append(configBody(site), clock.nowMs());
  pipeline.start();
  const port = await broker.start();
  onTestFinished(async () => {
    await broker.stop();
    await pipeline.stop();
    intake.close();
    journal.close();
  });
  const connect = async (id: string): Promise<MqttClient> => {
    const to = { port, host: '127.0.0.1', username: id, password: `${id}-secret`, clientId: id };
    const client = await mqtt.connectAsync({ ...to, reconnectPeriod: 0 });
    onTestFinished(() => void client.end(true));
    return client;
  };
  return { clock, connect, journal, requests, said };
}

const command = 'spBv1.0/plant/NCMD/edge-1';

describe('an edge node of which no birth was seen', () => {
  test('is asked to be born again, in its own command topic and once a minute', async () => {
    const { clock, connect, journal, said } = await startGateway();
    const node = await connect('plant');
    const heard: { topic: string; rebirth: unknown; retain: boolean; qos: number }[] = [];
    node.on('message', (topic, payload, { retain, qos }) => {
      const [metric] = proto.org.eclipse.tahu.protobuf.Payload.decode(payload).metrics;
      const rebirth = metric?.name === 'Node Control/Rebirth' && metric.booleanValue;
      heard.push({ topic, rebirth, retain, qos });
    });
    await node.subscribeAsync(command, { qos: 1 });
    const data = 'spBv1.0/plant/DDATA/edge-1/cold-1';
    await node.publishAsync(data, fixture('ddata-alias.bin'), { qos: 1 });
    await until(() => heard.length === 1);
    expect(heard).toEqual([{ topic: command, rebirth: true, retain: false, qos: 0 }]);
    expect(said.map(({ msg }) => msg)).toContain('broker.device-asked');
    const kinds = journal.readAfter(0, 100, 1e6)?.lines.join('');
    expect(kinds).not.toContain('Rebirth');

    clock.advance(30_000);
    await node.publishAsync(data, Buffer.concat([fixture('ddata-alias.bin')]), { qos: 1 });
    clock.advance(31_000);
    const later = proto.org.eclipse.tahu.protobuf.Payload.encode({
      timestamp: clock.nowMs(),
      seq: 9,
      metrics: [{ alias: 4, floatValue: 5 }],
    }).finish();
    await node.publishAsync(data, Buffer.from(later), { qos: 1 });
    await until(() => heard.length === 2);
    expect(heard).toHaveLength(2);
  });

  test('hears commands to itself alone', async () => {
    const { connect, requests } = await startGateway();
    const other = await connect('other');
    const granted = await other.subscribeAsync(['other/NCMD/x']);
    expect(granted.map(({ qos }) => qos)).toEqual([0]);
    await expect(other.subscribeAsync(command)).rejects.toThrow(/./);
    const got: string[] = [];
    other.on('message', (topic) => got.push(topic));
    const ask = { payload: new Uint8Array([1]), reason: 'a test' };
    requests.ask([
      { ...ask, device: 'plant', channel: 'NCMD/edge-1' },
      { ...ask, device: 'nobody', channel: 'NCMD/x' },
      { ...ask, device: 'other', channel: 'NCMD/x' },
    ]);
    await until(() => got.length > 0);
    expect(got).toEqual(['other/NCMD/x']);
  });
});

test('requests are sent once a minute for each channel', () => {
  const clock = new FakeClock();
  const sent: string[] = [];
  const send = (device: string, channel: string) => sent.push(`${device}/${channel}`) > 0;
  const requests = new DeviceRequests({ send, clock, log: createTestLog().log });
  const ask = (channel: string) =>
    requests.ask([{ device: 'd', channel, payload: new Uint8Array(), reason: 'r' }]);
  ask('a');
  ask('a');
  ask('b');
  clock.advance(59_999);
  ask('a');
  clock.advance(1);
  ask('a');
  expect(sent).toEqual(['d/a', 'd/b', 'd/a']);
});

test.each([
  ['plant/+/gate', 'NCMD/gate', 'plant/NCMD/gate'],
  ['plant/+/gate', 'NCMD/other', undefined],
  ['plant/+/gate', '+/gate', undefined],
  ['dock', 'cmd', 'dock/cmd'],
])('below %s the channel %s is the topic %s', (topic, channel, expected) => {
  expect(topicOf(deviceAccess('d', { username: 'd', topic }, 'p'), channel)).toBe(expected);
});
