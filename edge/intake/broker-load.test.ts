import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { generate } from 'mqtt-packet';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openTestStores } from '../testing/open-test-stores.ts';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';
import { IntakeBroker } from './broker.ts';
import { deviceAccess } from './device-access.ts';
import { readIntake } from './intake-store.ts';

async function startBroker() {
  const dir = tempDir();
  const clock = new FakeClock();
  const { log } = createTestLog();
  const { intake, journal } = openTestStores(dir, clock, log);
  const devices = ['dock', 'gate'].map((id) => deviceAccess(id, { username: id }, `${id}-secret`));
  const to = { host: '127.0.0.1', port: 0, maxConnections: 20 };
  const broker = new IntakeBroker({ ...to, devices, intake, clock, log });
  const port = await broker.start();
  onTestFinished(async () => {
    await broker.stop();
    intake.close();
    journal.close();
  });
  return { broker, intake, path: join(dir, 'intake.db'), port };
}

/** A device that speaks from a plain socket, so that it decides what goes out together. */
async function signIn(port: number, device: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  const password = Buffer.from(`${device}-secret`);
  socket.write(
    generate({ cmd: 'connect', clientId: device, clean: true, username: device, password }),
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer[3]).toBe(0);
  return socket;
}

function publish(topic: string, messageId: number, payload: Buffer | string): Buffer {
  return generate({
    cmd: 'publish',
    topic,
    payload,
    qos: 1,
    messageId,
    dup: false,
    retain: false,
  });
}

/** Packet ids of the PUBACKs that come, in order. */
function acksOf(socket: Socket): number[] {
  const ids: number[] = [];
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (; rest.length >= 4; rest = rest.subarray(4)) ids.push(rest.readUInt16BE(2));
  });
  return ids;
}

function payloadsOf(path: string): string[] {
  return [...readIntake(path)].flatMap(({ body }) =>
    body.type === 'message' ? [Buffer.from(body.payload).toString()] : [],
  );
}

describe('one socket', () => {
  test('with 3,000 messages in one write is answered for each, in order, and loses none', async () => {
    const { path, port } = await startBroker();
    const socket = await signIn(port, 'dock');
    const acks = acksOf(socket);
    const texts = Array.from({ length: 3000 }, (_, n) => `read ${n}`.padEnd(200, '.'));
    socket.write(Buffer.concat(texts.map((text, n) => publish('dock/tags', n + 1, text))));
    await until(() => acks.length === texts.length);
    expect(acks).toEqual(texts.map((_, n) => n + 1));
    expect(payloadsOf(path)).toEqual(texts);
  });

  test('with frames of 64 KB, cut anywhere by the network, has them whole and in order', async () => {
    const { path, port } = await startBroker();
    const socket = await signIn(port, 'dock');
    const acks = acksOf(socket);
    const texts = Array.from({ length: 60 }, (_, n) => `${n}/`.repeat(65_536 / 4).slice(0, 65_536));
    const stream = Buffer.concat(texts.map((text, n) => publish('dock/tags', n + 1, text)));
    // Pieces whose ends never fall together with those of frames.
    for (let at = 0; at < stream.length; at += 40_009) {
      socket.write(stream.subarray(at, at + 40_009));
      await new Promise(setImmediate);
    }
    await until(() => acks.length === texts.length);
    expect(acks).toEqual(texts.map((_, n) => n + 1));
    expect(payloadsOf(path)).toEqual(texts);
  });
});

test('a device that listens and does not read is let go, counted, and holds up nobody', async () => {
  const { broker, path, port } = await startBroker();
  const slow = await signIn(port, 'gate');
  const subscriptions = [{ topic: 'gate/commands', qos: 0 as const }];
  slow.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions }));
  await once(slow, 'data');
  slow.pause();
  const dock = await mqtt.connectAsync({
    host: '127.0.0.1',
    port,
    username: 'dock',
    password: 'dock-secret',
    reconnectPeriod: 0,
  });
  onTestFinished(() => void dock.end(true));

  const command = Buffer.alloc(65_536, 'c');
  for (let n = 0; n < 2000; n += 1) {
    broker.send('gate', 'commands', command);
    if (n % 20 === 0) await dock.publishAsync('dock/tags', `read ${n}`, { qos: 1 });
  }
  expect(payloadsOf(path)).toHaveLength(100);
  expect(broker.lineFaults.of('gate')).toEqual({ framesCut: 0, notRead: 1, protocolFaults: 0 });
  expect(broker.lineFaults.of('dock')).toBeUndefined();
  expect(broker.counters.notRead).toBe(1);
  await until(() => broker.connections === 1);
});

test('a device that reads has commands of any size and number', async () => {
  const { broker, port } = await startBroker();
  const gate = await mqtt.connectAsync({
    host: '127.0.0.1',
    port,
    username: 'gate',
    password: 'gate-secret',
    reconnectPeriod: 0,
  });
  onTestFinished(() => void gate.end(true));
  await gate.subscribeAsync('gate/commands');
  let bytes = 0;
  gate.on('message', (_topic, payload) => (bytes += payload.length));
  const command = Buffer.alloc(300_000, 'c');
  for (let n = 1; n <= 20; n += 1) {
    broker.send('gate', 'commands', command);
    await until(() => bytes === n * command.length);
  }
  expect(broker.lineFaults.of('gate')).toBeUndefined();
});
