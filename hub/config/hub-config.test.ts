import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConfigFault } from '#contracts/config-fault.ts';
import { loadHubConfig } from './load-hub-config.ts';
import { parseHubConfig } from './parse-hub-config.ts';

const good = `
tenant: main
store: { file: data/hub.sqlite }
keysDir: keys
http:
  host: 127.0.0.1
  port: 7480
nats:
  servers: [nats://127.0.0.1:7422]
natsServer:
  configFile: nats-server.conf
  host: 127.0.0.1
  port: 7422
  storeDir: /var/lib/nats
  storeBytes: 67108864
  pidFile: nats-server.pid
`;

function faultsOf(text: string): readonly ConfigFault[] {
  const { config, faults } = parseHubConfig(text, '/etc/holdfast');
  expect(config === undefined).toBe(faults.length > 0);
  return faults;
}

describe('a hub config file', () => {
  test('that fits is read, with paths from its own folder', () => {
    expect(parseHubConfig(good, '/etc/holdfast').config).toMatchObject({
      store: { file: '/etc/holdfast/data/hub.sqlite' },
      keysDir: '/etc/holdfast/keys',
      natsServer: {
        configFile: '/etc/holdfast/nats-server.conf',
        storeDir: '/var/lib/nats',
        pidFile: '/etc/holdfast/nats-server.pid',
      },
    });
  });

  test('says all its faults at once, each with path, line and column, value and remedy', () => {
    const faults = faultsOf(
      good.replace('7480', '"7480"').replace('tenant: main', 'tenant: Main\ncolour: red'),
    );
    expect(faults).toEqual([
      {
        path: '/tenant',
        line: 2,
        column: 1,
        value: 'Main',
        message: 'does not fit',
        remedy: 'Use a name of 1 to 40 lower-case letters, digits and dashes.',
      },
      {
        path: '/http/port',
        line: 8,
        column: 3,
        value: '7480',
        message: 'does not fit',
        remedy: 'Use a whole number from 1 to 65535, without quotes.',
      },
      {
        path: '/colour',
        line: 3,
        column: 1,
        value: 'red',
        message: 'does not fit',
        remedy: expect.stringContaining('Remove it') as string,
      },
    ]);
  });

  test('says faults of form together with those of how settings fit', () => {
    const faults = faultsOf(
      good
        .replace('port: 7480', 'port: 99999')
        .replace('host: 127.0.0.1', 'host: 0.0.0.0')
        .replace('keysDir: keys\n', '')
        .replace('67108864', '1'),
    );
    expect(faults.map(({ path }) => path).sort()).toEqual([
      '/http/host',
      '/http/port',
      '/keysDir',
      '/natsServer/storeBytes',
    ]);
  });

  test('that lacks a key names the line of what lacks it', () => {
    const [fault] = faultsOf(good.replace('  port: 7480\n', ''));
    expect(fault).toMatchObject({ path: '/http/port', line: 5, message: 'is missing' });
  });

  test('that is no YAML is told with the line', () => {
    const [fault] = faultsOf(`${good}\n  bad: [1, 2\n`);
    expect(fault?.remedy).toBe('Correct the YAML.');
    expect(fault?.value).toEqual(expect.any(String));
    expect(fault?.line).toBeGreaterThan(10);
  });

  test.each(['', '[]', '3', 'tenant', '%', '\u0000'])('that holds only %j is refused', (text) => {
    expect(faultsOf(text).length).toBeGreaterThan(0);
  });

  test('cannot blow up through aliases', () => {
    const bomb = `a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n`;
    expect(faultsOf(bomb)[0]?.message).toBe('uses aliases');
  });

  test('does not listen beyond this machine without https in front', () => {
    const open = good.replace('host: 127.0.0.1', 'host: 0.0.0.0');
    expect(faultsOf(open)).toMatchObject([{ path: '/http/host', line: 6, value: '0.0.0.0' }]);
    const plain = open.replace('http:\n', 'http:\n  publicUrl: http://hub.example\n');
    expect(faultsOf(plain)).toHaveLength(1);
    const https = open.replace('http:\n', 'http:\n  publicUrl: https://hub.example\n');
    expect(faultsOf(https)).toEqual([]);
  });

  test('does not listen twice on one port, unless it is of two addresses', () => {
    const same = good.replace('7480', '7422');
    expect(faultsOf(same)).toEqual([
      {
        path: '/natsServer/port',
        line: 13,
        column: 3,
        value: 7422,
        message: 'is http.port too',
        remedy: 'Use another port, and name it in nats.servers.',
      },
    ]);
    const natsAt = (host: string) =>
      same.replace(/(natsServer:\n.*\n {2}host:) .*/, (_, before: string) => `${before} ${host}`);
    expect(faultsOf(natsAt('0.0.0.0'))).toHaveLength(1);
    expect(faultsOf(natsAt('"::"'))).toHaveLength(1);
    expect(faultsOf(natsAt('localhost'))).toHaveLength(1);
    expect(faultsOf(natsAt('10.0.0.7'))).toEqual([]);
    expect(faultsOf(same.replace(/natsServer:[^]*/, ''))).toEqual([]);
  });

  test('names as proxies only addresses and networks', () => {
    const behind = (list: string) =>
      faultsOf(good.replace('http:\n', `http:\n  trustedProxies: [${list}]\n`));
    expect(behind('10.0.0.7, 10.0.0.0/8, "fd00::/8", loopback')).toEqual([]);
    const bad = behind('proxy.example, 10.0.0.0/8, 10.0.0.0/33, "10.0.0.0/"');
    expect(bad.map(({ path }) => path)).toEqual([
      '/http/trustedProxies/0',
      '/http/trustedProxies/2',
      '/http/trustedProxies/3',
    ]);
  });

  test('that is not there is a fault of the same form', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-config-'));
    const file = join(folder, 'hub.yaml');
    await expect(loadHubConfig(file)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await writeFile(file, good);
    expect((await loadHubConfig(file)).keysDir).toBe(join(folder, 'keys'));
    await rm(folder, { recursive: true });
  });
});
