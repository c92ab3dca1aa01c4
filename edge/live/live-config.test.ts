import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readIntake } from '../intake/intake-store.ts';
import { readJournal } from '../journal/read-journal.ts';
import { freePort } from '#contracts/testing/free-port.ts';
import {
  runCli,
  setUpGateway,
  startGateway,
  type GatewaySetup,
  type RunningGateway,
} from '../testing/gateway-process.ts';
import { tempDir, until } from '../testing/test-parts.ts';
import type { ApplyReport, ConfigView } from './config-applier.ts';

type Config = Record<string, unknown> & {
  devices: Record<string, unknown>[];
  zones: Record<string, unknown>[];
  mqtt: Record<string, unknown>;
  http: Record<string, unknown>;
};

/** A reader that sends as fast as it is answered, and counts how often it had to connect. */
function startReader(setup: GatewaySetup, id: string) {
  const acknowledged: string[] = [];
  let serial = 0;
  let running = true;
  let connects = 0;
  const client: MqttClient = mqtt.connect({
    port: setup.mqttPort,
    host: '127.0.0.1',
    username: id,
    password: `${id}-secret`,
    clientId: id,
    reconnectPeriod: 20,
  });
  client.on('error', () => {});
  client.on('connect', () => (connects += 1));
  onTestFinished(() => void client.end(true));
  const send = () => {
    if (!running) return;
    serial += 1;
    const epcHex = `3074257BF71${id.at(-1)}${serial.toString(16).toUpperCase().padStart(12, '0')}`;
    const event = { eventType: 'tagInventory', tagInventoryEvent: { epcHex, antennaPort: 1 } };
    client.publish(id, JSON.stringify(event), { qos: 1 }, (error) => {
      if (!error) acknowledged.push(epcHex);
      setImmediate(send);
    });
  };
  client.once('connect', send);
  return {
    acknowledged,
    connects: () => connects,
    async stop() {
      running = false;
      await new Promise<void>((resolve) => client.end(false, () => resolve()));
    },
  };
}

function httpOf(setup: GatewaySetup) {
  const headers = { authorization: `Bearer ${setup.token}`, 'content-type': 'application/yaml' };
  const url = `http://127.0.0.1:${setup.httpPort}/config`;
  return {
    push: async (body?: string) => {
      const answer = await fetch(url, { method: 'POST', headers, ...(body && { body }) });
      return { status: answer.status, said: (await answer.json()) as Partial<ApplyReport> };
    },
    isThere: () =>
      fetch(url, { headers }).then(
        ({ ok }) => ok,
        () => false,
      ),
    view: async () => (await (await fetch(url, { headers })).json()) as ConfigView,
  };
}

function edited(setup: GatewaySetup, edit: (config: Config) => void): string {
  const config = JSON.parse(readFileSync(setup.file, 'utf8')) as Config;
  edit(config);
  return JSON.stringify(config);
}

function bodies(setup: GatewaySetup) {
  return [...readIntake(join(setup.dataDir, 'intake.db'))].map(({ body }) => body);
}

function kinds(setup: GatewaySetup): string[] {
  const headers = [...readJournal(setup.dataDir)].map(({ header }) => header);
  return headers.map((header) => (JSON.parse(header) as { kind: string }).kind);
}

async function stopped(gateway: RunningGateway): Promise<void> {
  await until(async () => (await gateway.health()).intake.backlog === 0);
  expect(await gateway.end('SIGTERM')).toBe(0);
}

describe('a running gateway', () => {
  test('takes one config a hundred times: nobody reconnects, nothing is lost', async () => {
    const setup = await setUpGateway(tempDir());
    const gateway = await startGateway(setup);
    const readers = [startReader(setup, 'reader-0'), startReader(setup, 'reader-1')];
    await until(() => readers.every(({ acknowledged }) => acknowledged.length > 10));
    const http = httpOf(setup);
    const text = readFileSync(setup.file, 'utf8');
    const first = await http.view();
    for (let push = 0; push < 100; push += 1) {
      // By the file, as text, and as the same content in another form.
      const body = [undefined, text, `# the same\n${text}\n`][push % 3];
      expect(await http.push(body)).toMatchObject({
        status: 200,
        said: { changed: false, touched: [], listeners: [] },
      });
    }
    expect(await http.view()).toEqual(first);
    const counts = readers.map(({ acknowledged }) => acknowledged.length);
    await until(() => readers.every((one, at) => one.acknowledged.length > (counts[at] ?? 0)));
    for (const reader of readers) await reader.stop();
    expect(readers.map((reader) => reader.connects())).toEqual([1, 1]);
    await stopped(gateway);
    const kept = bodies(setup);
    expect(kept.filter(({ type }) => type === 'config')).toHaveLength(1);
    expect(kept.filter((one) => one.type === 'connection' && one.connected)).toHaveLength(2);
    const payloads = kept.flatMap((one) =>
      one.type === 'message' ? [Buffer.from(one.payload).toString()] : [],
    );
    const taken = new Set(payloads.map((one) => /"epcHex":"(\w+)"/.exec(one)?.[1]));
    const lost = readers.flatMap((one) => one.acknowledged).filter((epc) => !taken.has(epc));
    expect(lost).toEqual([]);
    expect(kinds(setup)).not.toContain('device.gap');
  }, 60_000);

  test('lets go of the one device whose access changed, and of no other', async () => {
    const setup = await setUpGateway(tempDir(), { readers: 3 });
    const gateway = await startGateway(setup);
    const readers = [0, 1, 2].map((nr) => startReader(setup, `reader-${nr}`));
    await until(() => readers.every(({ acknowledged }) => acknowledged.length > 10));
    const changed = edited(setup, ({ devices, zones }) => {
      // The first gets a topic, the second another zone, which is no access.
      Object.assign(devices[0]?.['mqtt'] ?? {}, { topic: 'reader-0/x' });
      Object.assign(devices[1] ?? {}, { zone: 'zone-reader-2' });
      zones.push({ id: 'yard', status: 'available' });
    });
    expect(await httpOf(setup).push(changed)).toMatchObject({
      status: 200,
      said: { changed: true, touched: ['reader-0'], listeners: [] },
    });
    expect(readFileSync(setup.file, 'utf8')).toBe(changed);
    await until(() => readers[0]?.connects() === 2);
    const counts = readers.map(({ acknowledged }) => acknowledged.length);
    await until(() => readers.every((one, at) => one.acknowledged.length > (counts[at] ?? 0) + 10));
    for (const reader of readers) await reader.stop();
    expect(readers.map((reader) => reader.connects())).toEqual([2, 1, 1]);
    await stopped(gateway);
    expect(bodies(setup).filter(({ type }) => type === 'config')).toHaveLength(2);
    expect(kinds(setup).filter((kind) => kind === 'gateway.config-applied')).toHaveLength(2);
    expect(kinds(setup)).not.toContain('device.gap');
  }, 60_000);

  test('listens elsewhere while who is connected stays, and obeys SIGHUP', async () => {
    const setup = await setUpGateway(tempDir());
    const gateway = await startGateway(setup);
    const reader = startReader(setup, 'reader-0');
    await until(() => reader.acknowledged.length > 10);
    const moved = { ...setup, mqttPort: await freePort(), httpPort: await freePort() };
    const text = edited(setup, (config) => {
      config.mqtt['port'] = moved.mqttPort;
      config.http['port'] = moved.httpPort;
    });
    writeFileSync(setup.file, text);
    gateway.child.kill('SIGHUP');
    const other = startReader(moved, 'reader-1');
    await until(() => other.acknowledged.length > 10);
    const before = reader.acknowledged.length;
    await until(() => reader.acknowledged.length > before + 10);
    expect(reader.connects()).toBe(1);
    await until(() => httpOf(moved).isThere());
    const late = connect(setup.mqttPort, '127.0.0.1');
    const [refused] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(refused.code).toBe('ECONNREFUSED');
    await Promise.all([reader.stop(), other.stop()]);
    expect(await gateway.end('SIGTERM')).toBe(0);
  }, 60_000);
});

describe('a config that cannot be', () => {
  test('leaves the former in force, says why, and is an event', async () => {
    const setup = await setUpGateway(tempDir());
    const gateway = await startGateway(setup);
    const reader = startReader(setup, 'reader-0');
    await until(() => reader.acknowledged.length > 10);
    const http = httpOf(setup);
    const { hash } = await http.view();
    const occupied = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void occupied.close());
    await once(occupied, 'listening');
    const { port } = occupied.address() as AddressInfo;
    const original = readFileSync(setup.file, 'utf8');
    const tries = [
      [edited(setup, ({ zones }) => void zones.pop()), 400, 'CONFIG_INVALID'],
      [edited(setup, (config) => void (config['dataDir'] = 'elsewhere')), 409, 'CONFLICT'],
      [edited(setup, (config) => void (config.mqtt['port'] = port)), 503, 'UNAVAILABLE'],
      [edited(setup, (config) => void (config.http['port'] = port)), 503, 'UNAVAILABLE'],
    ] as const;
    for (const [text, status, code] of tries) {
      expect(await http.push(text)).toMatchObject({ status, said: { code } });
      const view = await http.view();
      expect(view).toMatchObject({ hash, refused: { code } });
      // The same again is refused alike, and told once.
      expect((await http.push(text)).status).toBe(status);
    }
    expect(readFileSync(setup.file, 'utf8')).toBe(original);
    // What was refused is in force nowhere: the former one is no change.
    expect(await http.push(original)).toMatchObject({ status: 200, said: { changed: false } });
    expect((await http.view()).refused).toBeUndefined();
    const before = reader.acknowledged.length;
    await until(() => reader.acknowledged.length > before + 10);
    await reader.stop();
    expect(reader.connects()).toBe(1);
    await stopped(gateway);
    expect(kinds(setup).filter((kind) => kind.startsWith('gateway.config'))).toEqual([
      'gateway.config-applied',
      ...tries.map(() => 'gateway.config-refused'),
    ]);
  }, 60_000);

  test('does not keep a gateway from starting that ran before: it goes on with the last', async () => {
    const dir = tempDir();
    const setup = await setUpGateway(dir);
    const good = readFileSync(setup.file, 'utf8');
    await stopped(await startGateway(setup));
    writeFileSync(
      setup.file,
      edited(setup, ({ zones }) => void zones.pop()),
    );
    expect(await runCli(['check', setup.file], dir)).toMatchObject({ code: 2, stdout: '' });
    const gateway = await startGateway(setup);
    const view = await httpOf(setup).view();
    expect(view.refused).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(view.refused?.faults[0]?.path).toContain('/devices/1');
    const faulty = await runCli(['apply', '--config', setup.file], dir);
    expect(faulty).toMatchObject({ code: 2, stdout: '' });
    expect(faulty.stderr).toContain('/devices/1/zone (line 1:');
    writeFileSync(setup.file, good);
    const applied = await runCli(['apply', '--config', setup.file], dir);
    expect(applied.code).toBe(0);
    expect(JSON.parse(applied.stdout)).toMatchObject({ changed: false });
    expect((await httpOf(setup).view()).refused).toBeUndefined();
    await stopped(gateway);
  }, 60_000);
});
