import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { startForeignPlc } from '../../devices/plc/testing/start-foreign-plc.ts';
import { runCli, setUpGateway, startGateway } from '../testing/gateway-process.ts';
import { tempDir, until } from '../testing/test-parts.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** A client that goes on publishing, or trying to. */
function startClient(port: number, username: string, password: string, topic: string): void {
  const client = mqtt.connect({ port, host: '127.0.0.1', username, password, reconnectPeriod: 50 });
  client.on('error', () => {});
  const event = { epcHex: '3074257BF7194E4000001A85', antennaPort: 1 };
  const payload = JSON.stringify({ eventType: 'tagInventory', tagInventoryEvent: event });
  const timer = setInterval(() => {
    if (client.connected) client.publish(topic, payload, { qos: 1 });
  }, 20);
  onTestFinished(() => {
    clearInterval(timer);
    client.end(true);
  });
}

describe('devices that publish', () => {
  test('are shown as they are read, and judged', async () => {
    const dir = tempDir();
    const setup = await setUpGateway(dir, { readers: 3 });
    const gateway = await startGateway(setup);
    startClient(setup.mqttPort, 'reader-0', 'reader-0-secret', 'reader-0/events');
    startClient(setup.mqttPort, 'reader-1', 'a wrong one', 'reader-1');
    startClient(setup.mqttPort, 'reader-2', 'reader-2-secret', 'plant/dock');
    startClient(setup.mqttPort, 'Dock Reader', 'whatever', 'dock');
    await until(async () => (await gateway.health()).intake.backlog >= 0);
    const run = (command: string[]) =>
      runCli([...command, '--config', setup.file, '--seconds', '1'], dir);
    const [good, wrong, stray, all] = await Promise.all([
      run(['test-device', 'reader-0']),
      run(['test-device', 'reader-1']),
      run(['test-device', 'reader-2']),
      run(['discover']),
    ]);
    expect(good).toMatchObject({ code: 0 });
    expect(JSON.parse(good.stdout.split('\n')[0] ?? '')).toMatchObject({
      channel: 'events',
      trouble: null,
      decoded: [{ type: 'tag' }],
    });
    expect(good.stderr).toContain('reader-0 is read as configured');
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toContain('wrong password. Put what the device has into');
    expect(stray.code).toBe(1);
    expect(stray.stderr).toContain('wrong-topic on "plant/dock"');
    expect(all.code).toBe(0);
    expect(all.stderr).toContain('set mqtt.topic: plant');
    expect(all.stderr).toMatch(/reader-0 "events": \d+ messages, \d+ readings \(tag\)/);
    expect(all.stdout).toContain(
      'username: "Dock Reader", passwordFile: keys/dock-reader.password',
    );
    expect(await run(['test-device', 'nobody'])).toMatchObject({ code: 1, stdout: '' });
    await gateway.end('SIGTERM');
  }, 60_000);

  test('cannot be tested while no gateway runs, which is said', async () => {
    const dir = tempDir();
    const setup = await setUpGateway(dir);
    const result = await runCli(['test-device', 'reader-0', '--config', setup.file], dir);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('no gateway answers at');
  }, 60_000);
});

test('a PLC is looked through, proposed, and tested as proposed, without a gateway', async () => {
  const dir = tempDir();
  const setup = await setUpGateway(dir);
  const plc = await startForeignPlc(['--pki', join(dir, 'plc'), '--step-ms', '50']);
  stops.push(() => plc.kill());
  const config = JSON.parse(readFileSync(setup.file, 'utf8')) as { devices: unknown[] };
  const device = (tags: object[]) => ({
    id: 'line-1',
    profile: 'packml',
    buffers: false,
    silentAfterMs: 60_000,
    opcua: { endpoint: plc.endpoint, samplingMs: 50, queueSize: 100, trustFirst: true, tags },
  });
  const write = (tags: object[]) =>
    writeFileSync(
      setup.file,
      JSON.stringify({ ...config, devices: [...config.devices, device(tags)] }),
    );
  const speed = { name: 'speed', node: plc.nodes.speed, role: 'counter' };
  write([speed]);
  const at = ['--config', setup.file];
  const found = await runCli(['discover', '--device', 'line-1', ...at], dir);
  expect(found.code).toBe(0);
  const tags = found.stdout.split('\n').filter((line) => line.includes('role:'));
  const told = tags.map((line) => {
    const [, name = '', role = '', node = ''] =
      /name: ([^,]+), role: ([^,]+), node: "([^"]+)"/.exec(line) ?? [];
    return { name, role, node };
  });
  const roleOf = (node: string) => told.find((tag) => tag.node === node)?.role;
  const { alarms, count, counts, defects, flag, state } = plc.nodes;
  expect([count, defects, counts, state, alarms, flag].map(roleOf)).toEqual([
    'counter',
    'counter',
    'counter',
    'state',
    'alarm',
    'alarm',
  ]);
  expect(found.stderr).toContain(plc.nodes.speed);
  write(told);
  const good = await runCli(['test-device', 'line-1', '--seconds', '3', ...at], dir);
  expect(good.stderr).toContain('line-1 is read as configured');
  expect(good.code).toBe(0);
  expect(good.stdout).toContain('"type":"counter"');
  write([{ ...speed, node: 'nsu=urn:foreign:plant;s=No' }]);
  const bad = await runCli(['test-device', 'line-1', '--seconds', '2', ...at], dir);
  expect(bad.code).toBe(1);
  expect(bad.stderr).toContain('tag-refused (speed)');
}, 90_000);
