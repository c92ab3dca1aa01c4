import mqtt, { type MqttClient } from 'mqtt';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { createTestLog, tempDir, until } from '../testing/test-parts.ts';
import { IntakeBroker } from './broker.ts';
import { deviceAccess } from './device-access.ts';
import { openIntakeLog } from './open-intake-log.ts';
import { readIntake } from './intake-store.ts';

async function startBroker(messagesPerS: number) {
  const clock = systemClock;
  const { log } = createTestLog();
  const path = join(tempDir(), 'intake.db');
  const intake = openIntakeLog({
    path,
    budgetBytes: 2 ** 24,
    floorBytes: 1,
    freeBytes: () => 2 ** 40,
    clock,
    log,
    fatal: () => {},
  });
  const limits = [{ device: 'flood', limits: { messagesPerS, burstMessages: messagesPerS } }];
  const devices = ['flood', 'calm'].map((id) =>
    deviceAccess(id, { username: id, passwordFile: '' }, id),
  );
  const at = { host: '127.0.0.1', port: 0, maxConnections: 20 };
  const broker = new IntakeBroker({ ...at, devices, limits, intake, clock, log });
  const port = await broker.start();
  onTestFinished(async () => {
    await broker.stop();
    intake.close();
  });
  return { broker, path, port };
}

function connect(port: number, id: string, clientId = id): Promise<MqttClient> {
  return mqtt.connectAsync({ port, host: '127.0.0.1', username: id, password: id, clientId });
}

function faultsOf(path: string): (readonly string[])[] {
  return [...readIntake(path)].flatMap(({ body }) =>
    body.type === 'device-faults' ? [body.faults.map(({ code }) => code)] : [],
  );
}

test('a device that floods is read at its rate, loses nothing, and keeps nobody else', async () => {
  const rate = 400;
  const { broker, path, port } = await startBroker(rate);
  const flood = await connect(port, 'flood');
  const calm = await connect(port, 'calm');
  onTestFinished(() => void flood.end(true));
  onTestFinished(() => void calm.end(true));
  const payload = Buffer.alloc(2000, 'x');
  const count = rate * 3;
  const startMs = performance.now();
  let done = 0;
  const all = Array.from({ length: count }, async () => {
    await flood.publishAsync('flood/tags', payload, { qos: 1 });
    done += 1;
  });
  await until(() => broker.rates.list().length > 0);
  await calm.publishAsync('calm/tags', 'here', { qos: 1 });
  expect(done).toBeLessThan(count);
  await Promise.all(all);
  // A burst of one second at once, and what was in the last read; the rest at its rate.
  expect(performance.now() - startMs).toBeGreaterThan(1000);
  const messages = [...readIntake(path)].filter(({ body }) => body.type === 'message');
  expect(messages).toHaveLength(count + 1);
  expect(faultsOf(path)).toEqual([['throttled']]);
  expect(broker.rates.list()).toMatchObject([{ device: 'flood' }]);
  expect(flood.connected).toBe(true);
}, 20_000);

test('other limits take effect on who is connected', async () => {
  const { broker, port } = await startBroker(1);
  const flood = await connect(port, 'flood');
  onTestFinished(() => void flood.end(true));
  broker.rates.replace([]);
  const all = Array.from({ length: 500 }, () => flood.publishAsync('flood/tags', 'x', { qos: 1 }));
  await Promise.all(all);
  expect(broker.rates.list()).toEqual([]);
});

test('a device far below its rate hears that the broker is there, and stays', async () => {
  const { broker, path, port } = await startBroker(2);
  const slow = await mqtt.connectAsync({
    port,
    host: '127.0.0.1',
    username: 'flood',
    password: 'flood',
    keepalive: 1,
    reconnectPeriod: 0,
  });
  onTestFinished(() => void slow.end(true));
  let pongs = 0;
  slow.on('packetreceive', ({ cmd }) => {
    if (cmd === 'pingresp') pongs += 1;
  });
  const sent: Promise<unknown>[] = [];
  // Two at once, then eight that wait four seconds: four times the keep-alive.
  for (let n = 0; n < 10; n += 1) {
    sent.push(slow.publishAsync('flood/tags', `${n}`, { qos: 1 }));
    if (n === 2) await until(() => broker.rates.list().length > 0);
  }
  await until(() => pongs >= 3);
  expect(slow.connected).toBe(true);
  await Promise.all(sent);
  const texts = [...readIntake(path)].flatMap(({ body }) =>
    body.type === 'message' ? [Buffer.from(body.payload).toString()] : [],
  );
  expect(texts).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
}, 20_000);

test('what a device sent before it went is taken, also while it is slowed down', async () => {
  const { broker, path, port } = await startBroker(1);
  const flood = await connect(port, 'flood');
  flood.publish('flood/tags', 'a', { qos: 0 });
  await flood.publishAsync('flood/tags', 'b', { qos: 1 });
  await until(() => broker.rates.list().length > 0);
  flood.publish('flood/tags', 'c', { qos: 0 });
  flood.publish('flood/tags', 'd', { qos: 0 });
  flood.stream.end();
  const texts = () =>
    [...readIntake(path)].flatMap(({ body }) =>
      body.type === 'message' ? [Buffer.from(body.payload).toString()] : [],
    );
  await until(() => texts().length === 4);
  expect(texts()).toEqual(['a', 'b', 'c', 'd']);
});
