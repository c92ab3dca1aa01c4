import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { generate } from 'mqtt-packet';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';
import { IntakeBroker } from './broker.ts';
import { deviceAccess } from './device-access.ts';
import type { IntakeBody } from './intake-entry.ts';
import { openIntakeLog } from './open-intake-log.ts';
import { openIntakeStore, readIntake, type IntakeStore } from './intake-store.ts';

const mebibyte = 1_048_576;

interface Disk {
  /** What the next commits fail with. */
  trouble: string | undefined;
}

async function startBroker(openStore: (path: string, disk: Disk) => IntakeStore = faultyStore) {
  const dir = tempDir();
  const path = join(dir, 'intake.db');
  const clock = new FakeClock();
  const { log, said } = createTestLog();
  const disk: Disk = { trouble: undefined };
  const intake = openIntakeLog({
    path,
    budgetBytes: mebibyte,
    floorBytes: mebibyte,
    freeBytes: () => 1000 * mebibyte,
    clock,
    log,
    fatal: () => {},
    openStore: (file) => openStore(file, disk),
  });
  const devices = [
    deviceAccess('dock', { username: 'dock' }, 'dock-secret'),
    deviceAccess('gate', { username: 'gate', topic: 'plant/+/gate' }, 'gate-secret'),
  ];
  const broker = new IntakeBroker({
    host: '127.0.0.1',
    port: 0,
    maxConnections: 20,
    devices,
    intake,
    clock,
    log,
  });
  const port = await broker.start();
  onTestFinished(async () => {
    await broker.stop();
    intake.close();
  });
  return { broker, intake, port, clock, said, disk, path };
}

function faultyStore(path: string, disk: Disk): IntakeStore {
  const store = openIntakeStore(path);
  return {
    ...store,
    insert(batch, configHash) {
      if (disk.trouble !== undefined) throw new Database.SqliteError('injected', disk.trouble);
      store.insert(batch, configHash);
    },
  };
}

function clientOf(port: number, device: string, options: IClientOptions = {}): MqttClient {
  const client = mqtt.connect({
    port,
    host: '127.0.0.1',
    username: device,
    password: `${device}-secret`,
    clientId: `client-of-${device}`,
    reconnectPeriod: 0,
    ...options,
  });
  client.on('error', () => {});
  onTestFinished(() => void client.end(true));
  return client;
}

async function connected(client: MqttClient): Promise<MqttClient> {
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed')));
  });
  return client;
}

/** Whether the broker still had a session of it as it came. */
async function hasSession(client: MqttClient): Promise<boolean> {
  return await new Promise((resolve) => {
    client.once('connect', ({ sessionPresent }) => resolve(sessionPresent));
  });
}

function bodiesOf(path: string): IntakeBody[] {
  return [...readIntake(path)].map((entry) => entry.body);
}

function messagesOf(path: string) {
  return bodiesOf(path).flatMap((body) =>
    body.type === 'message' ? [[body.device, body.channel, body.payload.toString()]] : [],
  );
}

describe('an acknowledgement', () => {
  test.each([1, 2] as const)('of QoS %i comes when the message is on disk', async (qos) => {
    const { port, path } = await startBroker();
    const client = await connected(clientOf(port, 'dock'));
    for (let n = 0; n < 20; n += 1) {
      await client.publishAsync('dock/tags', `message ${n}`, { qos });
      expect(messagesOf(path).at(-1)).toEqual(['dock', 'tags', `message ${n}`]);
    }
  });

  test('waits for a commit that fails, and comes when the disk has room again', async () => {
    const { port, intake, disk, path } = await startBroker();
    const client = await connected(clientOf(port, 'dock'));
    disk.trouble = 'SQLITE_FULL';
    let acknowledged = 0;
    for (const text of ['a', 'b', 'c']) {
      client.publish('dock', text, { qos: 1 }, (error) => {
        if (!error) acknowledged += 1;
      });
    }
    await until(() => intake.hold !== undefined);
    client.publish('dock', 'd', { qos: 1 }, (error) => {
      if (!error) acknowledged += 1;
    });
    expect(acknowledged).toBe(0);
    expect(messagesOf(path)).toEqual([]);
    disk.trouble = undefined;
    await until(() => acknowledged === 4);
    expect(messagesOf(path).map(([, , text]) => text)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is not held for longer than half the keep-alive: the device is let go', async () => {
    const { port, broker, intake, disk, clock } = await startBroker();
    const client = await connected(clientOf(port, 'dock', { keepalive: 40 }));
    const other = await connected(clientOf(port, 'gate', { keepalive: 40 }));
    await until(() => intake.lastPos === 2);
    disk.trouble = 'SQLITE_FULL';
    client.publish('dock', 'a', { qos: 1 });
    await until(() => intake.hold !== undefined);
    clock.advance(19_000);
    await new Promise((resolve) => client.stream.write(Buffer.from([0xc0, 0]), resolve));
    expect(client.connected).toBe(true);
    clock.advance(2_000);
    await until(() => !client.connected);
    expect(other.connected).toBe(true);
    expect(broker.counters.heldClosed).toBe(1);

    const refused = clientOf(port, 'dock');
    const error = await connected(refused).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 3 });
    disk.trouble = undefined;
    await until(() => intake.hold === undefined);
    await connected(clientOf(port, 'dock'));
  });

  test('reads nothing while the log holds, and all of it afterwards', async () => {
    const { port, intake, disk, path } = await startBroker();
    const client = await connected(clientOf(port, 'dock'));
    const texts = Array.from({ length: 2000 }, (_, n) => `${n}`.padStart(1000, '-'));
    disk.trouble = 'SQLITE_FULL';
    const sent = texts.map((text) => client.publishAsync('dock', text, { qos: 1 }));
    await until(() => intake.hold !== undefined);
    // Of two megabytes only what had been read when the hold began is in the log's memory: a few
    // reads of the socket, 64 KiB each.
    expect(intake.pendingBytes).toBeLessThan(8 * 65_536);
    disk.trouble = undefined;
    await Promise.all(sent);
    expect(messagesOf(path).map(([, , text]) => text)).toEqual(texts);
  });

  test('is given to many messages in one stream, in order', async () => {
    const { port, path } = await startBroker();
    const client = await connected(clientOf(port, 'dock'));
    const texts = Array.from({ length: 3000 }, (_, n) => `${n}`.padStart(300, '-'));
    await Promise.all(texts.map((text) => client.publishAsync('dock/tags', text, { qos: 1 })));
    expect(messagesOf(path).map(([, , text]) => text)).toEqual(texts);
  });
});

describe('a device', () => {
  test('is known by its name and password', async () => {
    const { port, broker } = await startBroker();
    for (const wrong of [{ password: 'gate-secret' }, { username: 'nobody' }]) {
      const error = await connected(clientOf(port, 'dock', wrong)).catch(
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: 4 });
    }
    expect(broker.counters.signInsRefused).toBe(2);
  });

  // Linux alone has all of 127.0.0.0/8 without being told.
  test.skipIf(process.platform !== 'linux')(
    'waits after many wrong passwords, and only where they came from',
    async () => {
      const { port, broker, clock, said } = await startBroker();
      const answer = async (password: string, from = '127.0.0.1') =>
        await signIn(port, from, password);
      for (let n = 0; n < 10; n += 1) expect(await answer('wrong')).toBe(4);
      expect(await answer('dock-secret')).toBe(4);
      expect(broker.counters).toMatchObject({ signInsRefused: 10, signInsLimited: 1 });
      expect(await answer('dock-secret', '127.0.0.2')).toBe(0);
      await connected(clientOf(port, 'gate'));
      clock.advance(1_000);
      expect(await answer('wrong')).toBe(4);
      clock.advance(1_999);
      expect(await answer('dock-secret')).toBe(4);
      clock.advance(1);
      expect(await answer('dock-secret')).toBe(0);
      const limited = said.filter(({ msg }) => msg === 'broker.sign-ins-limited');
      expect(limited).toMatchObject([{ address: '127.0.0.1', username: 'dock' }]);
      expect(said.filter(({ msg }) => msg === 'broker.sign-in-refused')).toHaveLength(9);
    },
  );

  test('is not kept waiting by guesses of names that nobody has', async () => {
    const { port, broker } = await startBroker();
    for (let n = 0; n < 12; n += 1) {
      const stranger = clientOf(port, 'dock', { username: `nobody-${n}`, clientId: `no-${n}` });
      await expect(connected(stranger)).rejects.toMatchObject({ code: 4 });
    }
    expect(broker.counters).toMatchObject({ signInsRefused: 10, signInsLimited: 2 });
    await connected(clientOf(port, 'dock'));
  });

  test('has its client id to itself: another one with the same id gets nothing of it', async () => {
    const { port, broker } = await startBroker();
    const same = { clientId: 'reader', clean: false };
    const before = await connected(clientOf(port, 'dock', same));
    await before.subscribeAsync('dock/commands', { qos: 1 });
    const namesake = clientOf(port, 'gate', same);
    expect(await hasSession(namesake)).toBe(false);
    await before.publishAsync('dock', 'still here', { qos: 1 });
    expect(broker.connections).toBe(2);
    before.end(true);
    await until(() => broker.connections === 1);
    const again = clientOf(port, 'dock', same);
    expect(await hasSession(again)).toBe(true);
    expect(broker.connections).toBe(2);
  });

  test('is found when it listens or speaks outside its own topics', async () => {
    const { port, broker } = await startBroker();
    const client = await connected(clientOf(port, 'dock', { clientId: 'reader' }));
    await client.subscribeAsync('gate/#').catch(() => {});
    await client.publishAsync('gate/one', 'x', { qos: 1 });
    await client.publishAsync('gate/two', 'x', { qos: 2 });
    await client.publishAsync('dock', 'x', { qos: 1 });
    const who = { device: 'dock', username: 'dock', clientId: 'reader' };
    expect(broker.refusals.list().toSorted((a, b) => a.count - b.count)).toMatchObject([
      { ...who, reason: 'subscription-denied', topic: 'gate/#', count: 1 },
      { ...who, reason: 'topic-denied', topic: 'gate/two', count: 2 },
    ]);
  });

  test('takes over its own connection', async () => {
    const { port } = await startBroker();
    const before = await connected(clientOf(port, 'dock'));
    const after = await connected(clientOf(port, 'dock'));
    await until(() => !before.connected);
    await after.publishAsync('dock', 'x', { qos: 1 });
  });

  test('is noted as connected once, and as gone when the last connection ends', async () => {
    const { port, path } = await startBroker();
    const one = await connected(clientOf(port, 'dock', { clientId: 'one' }));
    const two = await connected(clientOf(port, 'dock', { clientId: 'two' }));
    await one.endAsync();
    await two.publishAsync('dock', 'x', { qos: 1 });
    await two.endAsync();
    await until(() => bodiesOf(path).length === 3);
    expect(bodiesOf(path)).toMatchObject([
      { type: 'connection', device: 'dock', connected: true },
      { type: 'message' },
      { type: 'connection', device: 'dock', connected: false },
    ]);
  });

  test('hears nothing of others, nor its own echo', async () => {
    const { port } = await startBroker();
    const dock = await connected(clientOf(port, 'dock'));
    const gate = await connected(clientOf(port, 'gate'));
    const heard: string[] = [];
    dock.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
    await expect(dock.subscribeAsync('plant/x/gate', { qos: 1 })).rejects.toThrow(/128|error/i);
    await expect(dock.subscribeAsync('#', { qos: 1 })).rejects.toThrow(/128|error/i);
    await dock.subscribeAsync('dock/#', { qos: 1 });
    await gate.publishAsync('plant/x/gate', 'a reading', { qos: 1 });
    for (const qos of [0, 1, 2] as const) await dock.publishAsync('dock/tags', 'an echo', { qos });
    // Answered in order: what was to be heard would have come before.
    await dock.subscribeAsync('dock/more', { qos: 1 });
    expect(heard).toEqual([]);
  });

  test('that says nothing for one and a half keep-alives is let go', async () => {
    const { port, clock } = await startBroker();
    const quiet = await connected(clientOf(port, 'gate', { keepalive: 30 }));
    const busy = await connected(clientOf(port, 'dock', { keepalive: 30 }));
    clock.advance(40_000);
    await busy.publishAsync('dock', 'x', { qos: 1 });
    clock.advance(6_000);
    await until(() => !quiet.connected);
    expect(busy.connected).toBe(true);
  });

  test('leaves its will when it is cut off', async () => {
    const { port, path } = await startBroker();
    const will = { topic: 'dock/status', payload: Buffer.from('gone'), qos: 1 } as const;
    const client = await connected(clientOf(port, 'dock', { will }));
    client.stream.destroy();
    await until(() => messagesOf(path).length === 1);
    expect(messagesOf(path)).toEqual([['dock', 'status', 'gone']]);
  });
});

describe('what cannot be kept as it is', () => {
  test.each(['gate', 'dockyard', '$SYS/dock', 'plant/x/gate'])(
    'a message to %s is acknowledged, kept apart and goes to nobody',
    async (topic) => {
      const { port, path } = await startBroker();
      const gate = await connected(clientOf(port, 'gate'));
      await gate.subscribeAsync('plant/+/gate/#', { qos: 1 });
      const heard: string[] = [];
      gate.on('message', (of) => heard.push(of));
      const client = await connected(clientOf(port, 'dock'));
      await client.publishAsync(topic, 'fake', { qos: 1, retain: true });
      const sha256 = createHash('sha256').update('fake').digest('hex');
      const reason = 'wrong-topic';
      expect(bodiesOf(path).at(-1)).toEqual({
        type: 'refused',
        device: 'dock',
        channel: topic,
        reason,
        bytes: 4,
        sha256,
        head: Buffer.from('fake'),
      });
      await gate.publishAsync('plant/x/gate', 'after', { qos: 1 });
      expect(heard).toEqual([]);
    },
  );

  test('a large message is acknowledged and kept by length, hash and head', async () => {
    const { port, path } = await startBroker();
    const client = await connected(clientOf(port, 'dock'));
    const payload = Buffer.alloc(262_145, 'x');
    await client.publishAsync('dock/tags', payload, { qos: 1 });
    const sha256 = createHash('sha256').update(payload).digest('hex');
    const head = payload.subarray(0, 4096);
    expect(bodiesOf(path).at(-1)).toMatchObject({ type: 'refused', bytes: 262_145, sha256, head });
    await client.publishAsync('dock/tags', payload.subarray(1), { qos: 1 });
    expect(bodiesOf(path).at(-1)).toMatchObject({ type: 'message', channel: 'tags' });
  });

  test('a frame above a megabyte ends the connection at its header, and is counted', async () => {
    const { port, broker } = await startBroker();
    const client = await connected(clientOf(port, 'dock'));
    client.stream.write(Buffer.from([0x32, 0x80, 0x80, 0x80, 0x01])); // 2 MiB are announced
    await until(() => !client.connected);
    expect(broker.counters.framesCut).toBe(1);
    expect(broker.lineFaults.of('dock')).toEqual({ framesCut: 1, notRead: 0, protocolFaults: 0 });
  });

  test('a packet id of 0 is answered by nothing but the end of the connection', async () => {
    const { port, broker, clock, path } = await startBroker();
    const client = await connected(clientOf(port, 'dock'));
    const heard: number[] = [];
    client.stream.on('data', (bytes: Buffer) => heard.push(...bytes));
    client.stream.write(Buffer.from([0x32, 0x09, 0, 4, ...Buffer.from('dock'), 0, 0, 0x78]));
    await until(() => !client.connected);
    expect(heard).toEqual([]);
    expect(messagesOf(path)).toEqual([]);
    expect(broker.counters.protocolFaults).toBe(1);
    expect(broker.lineFaults.of('dock')).toEqual({ framesCut: 0, notRead: 0, protocolFaults: 1 });
    const told = () =>
      bodiesOf(path).flatMap((body) =>
        body.type === 'device-faults' ? [body.faults.map(({ code }) => code)] : [],
      );
    await until(() => told().length === 1);
    expect(told()).toEqual([['protocol-fault']]);
    clock.advance(61_000);
    await broker.keepUp();
    await until(() => told().length === 2);
    expect(told().at(-1)).toEqual([]);
  });

  test('before anybody has signed in, much less is too long', async () => {
    const { port, broker } = await startBroker();
    const socket = rawSocket(port);
    socket.write(Buffer.from([0x10, 0x80, 0x80, 0x08]));
    await until(() => socket.destroyed);
    expect(broker.counters.framesCut).toBe(1);
  });

  test('a stream of MQTT 5 is refused with a code that it understands, and counted', async () => {
    const { port, broker } = await startBroker();
    const client = clientOf(port, 'dock', { protocolVersion: 5 });
    await expect(connected(client)).rejects.toThrow(/refused/i);
    expect(broker.counters.mqtt5Refused).toBe(1);
  });

  test('what keeps a device out is named on it until it is let in, whoever else tries its name', async () => {
    const { port, path } = await startBroker();
    const told = () =>
      bodiesOf(path).flatMap((body) =>
        body.type === 'device-faults' ? [[body.device, body.faults.map(({ code }) => code)]] : [],
      );
    for (const options of [{ protocolVersion: 5 }, { password: 'guess' }] as const) {
      await expect(connected(clientOf(port, 'dock', options))).rejects.toThrow(
        /refused|authorized/i,
      );
    }
    await until(() => told().length === 2);
    await connected(clientOf(port, 'dock'));
    await expect(
      connected(clientOf(port, 'dock', { password: 'guess', clientId: 'another' })),
    ).rejects.toThrow(/authorized|refused/i);
    await until(() => told().length === 3);
    expect(told()).toEqual([
      ['dock', ['mqtt5-refused']],
      ['dock', ['mqtt5-refused', 'sign-in-refused']],
      ['dock', []],
    ]);
  });

  test('garbage ends its own connection alone', async () => {
    const { port } = await startBroker();
    const good = await connected(clientOf(port, 'dock'));
    const socket = rawSocket(port);
    socket.write(Buffer.from([0x47, 0x01, 0x20]));
    await until(() => socket.destroyed);
    for (const topic of ['', 'dock/+', 'dock/#', 'dock/\0']) {
      const bad = await connected(clientOf(port, 'dock', { clientId: `bad ${topic}` }));
      bad.stream.write(publishTo(topic));
      await until(() => !bad.connected);
    }
    await good.publishAsync('dock', 'x', { qos: 1 });
  });
});

/** Signs in as `dock` from an address of this machine. @returns the code of the CONNACK. */
async function signIn(port: number, localAddress: string, password: string): Promise<number> {
  const socket = connectTcp({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  socket.write(
    generate({
      cmd: 'connect',
      clientId: '',
      clean: true,
      username: 'dock',
      password: Buffer.from(password),
    }),
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer[3] ?? NaN;
}

function rawSocket(port: number): Socket {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** A PUBLISH that a proper encoder would refuse to make: QoS 1, packet 7, payload `x`. */
function publishTo(topic: string): Buffer {
  const length = 2 + topic.length + 2 + 1;
  return Buffer.from([0x32, length, 0, topic.length, ...Buffer.from(topic), 0, 7, 0x78]);
}
