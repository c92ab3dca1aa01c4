import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MqttDevice, type MqttDeviceOptions, type OutgoingMessage } from './mqtt-device.ts';
import { SmallBroker } from './testing/small-broker.ts';

let broker: SmallBroker;
let port: number;
let device: MqttDevice<OutgoingMessage>;
const acknowledged: string[] = [];
const dropped: string[] = [];
const sent: string[] = [];
const textOf = ({ payload }: OutgoingMessage) => Buffer.from(payload).toString();

beforeEach(async () => {
  broker = new SmallBroker();
  port = await broker.start();
  for (const list of [acknowledged, dropped, sent]) list.length = 0;
});

afterEach(async () => {
  await device.stop();
  await broker.stop();
});

function start(options: Partial<MqttDeviceOptions<OutgoingMessage>> = {}): void {
  device = new MqttDevice({
    id: 'reader-1',
    access: { host: '127.0.0.1', port, username: 'reader-1', password: 'secret' },
    buffers: true,
    window: 4,
    retryMs: 10,
    onAcknowledged: (message) => acknowledged.push(textOf(message)),
    onDropped: (message) => dropped.push(textOf(message)),
    onSent: (message) => sent.push(textOf(message)),
    ...options,
  });
  device.start();
}

function send(text: string, qos: 0 | 1 = 1): void {
  device.send({ topic: 'reader-1/events', payload: Buffer.from(text), qos });
}

describe('with a buffer of its own', () => {
  test('sends what was not acknowledged again, in order, over a new clean session', async () => {
    broker.answers = (message) => message === 'a';
    start();
    for (const text of ['a', 'b', 'c']) send(text);
    await broker.until(() => acknowledged.length === 0 && broker.heard.length === 3);
    broker.answers = () => true;
    broker.drop();
    await broker.until(() => broker.heard.length >= 5);
    send('d');
    await broker.until(() => broker.heard.length >= 6);
    expect(broker.heard).toEqual(['a', 'b', 'c', 'b', 'c', 'd']);
    expect(broker.connects).toHaveLength(2);
    expect(broker.connects.every((packet) => packet.cmd === 'connect' && packet.clean)).toBe(true);
    while (device.waiting > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(acknowledged).toEqual(['a', 'b', 'c', 'd']);
    expect(dropped).toEqual([]);
  });

  test('keeps what it has to say while nobody lets it in', async () => {
    broker.open = false;
    start();
    for (const text of ['a', 'b']) send(text);
    await broker.until(() => broker.connects.length >= 3);
    expect(broker.heard).toEqual([]);
    expect(device.waiting).toBe(2);
    broker.open = true;
    await broker.until(() => broker.heard.length === 2);
    expect(broker.heard).toEqual(['a', 'b']);
  });

  test('has no more messages under way than its window', async () => {
    broker.answers = () => false;
    start();
    for (let index = 0; index < 10; index += 1) send(String(index));
    await broker.until(() => broker.heard.length === 4);
    broker.drop();
    await broker.until(() => broker.heard.length === 8);
    expect(broker.heard).toEqual(['0', '1', '2', '3', '0', '1', '2', '3']);
  });
});

describe('without a buffer', () => {
  test('forgets what was under way when the connection went, and says so once', async () => {
    broker.answers = (message) => message !== 'b';
    start({ buffers: false });
    await broker.until(() => broker.connects.length === 1);
    send('before');
    expect(dropped).toEqual(['before']);
    while (!device.connected) await new Promise((resolve) => setImmediate(resolve));
    send('a');
    send('b');
    await broker.until(() => broker.heard.length === 2);
    while (acknowledged.length === 0) await new Promise((resolve) => setImmediate(resolve));
    broker.drop();
    await broker.until(() => broker.connects.length === 2);
    expect(dropped).toEqual(['before', 'b']);
    expect(acknowledged).toEqual(['a']);
    expect(broker.heard).toEqual(['a', 'b']);
  });
});

describe('at QoS 0', () => {
  test('sends once and never learns more', async () => {
    start();
    while (!device.connected) await new Promise((resolve) => setImmediate(resolve));
    send('a', 0);
    await broker.until(() => broker.heard.length === 1);
    expect(sent).toEqual(['a']);
    expect(device.waiting).toBe(0);
  });

  test('greets each connection, and leaves a new will each time', async () => {
    let births = 0;
    let deaths = 0;
    start({
      greeting: () => [{ topic: 'birth', payload: Buffer.from(`birth ${(births += 1)}`), qos: 0 }],
      will: () => ({ topic: 'death', payload: Buffer.from(`death ${(deaths += 1)}`), qos: 1 }),
    });
    await broker.until(() => broker.heard.length === 1);
    broker.drop();
    await broker.until(() => broker.heard.length === 2);
    expect(broker.heard).toEqual(['birth 1', 'birth 2']);
    const wills = broker.connects.map((packet) =>
      packet.cmd === 'connect' ? String(packet.will?.payload) : '',
    );
    expect(wills).toEqual(['death 1', 'death 2']);
  });
});
