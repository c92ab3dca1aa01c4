import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadHubConfig } from './load-hub-config.ts';
import { parseHubConfig, type FileFault } from './parse-hub-config.ts';

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

function faultsOf(text: string): readonly FileFault[] {
  const parsed = parseHubConfig(text, '/etc/holdfast');
  if (parsed.ok) return [];
  expect(parsed.refusal.code).toBe('CONFIG_INVALID');
  return parsed.refusal.details?.['faults'] as FileFault[];
}

describe('a hub config file', () => {
  test('that fits is read, with paths from its own folder', () => {
    const parsed = parseHubConfig(good, '/etc/holdfast');
    expect(parsed.ok && parsed.value).toMatchObject({
      store: { file: '/etc/holdfast/data/hub.sqlite' },
      keysDir: '/etc/holdfast/keys',
      natsServer: {
        configFile: '/etc/holdfast/nats-server.conf',
        storeDir: '/var/lib/nats',
        pidFile: '/etc/holdfast/nats-server.pid',
      },
    });
  });

  test('says all its faults at once, each with path, line, value and remedy', () => {
    const faults = faultsOf(
      good.replace('7480', '"7480"').replace('tenant: main', 'tenant: Main\ncolour: red'),
    );
    expect(faults).toEqual([
      {
        path: 'tenant',
        line: 2,
        value: 'Main',
        remedy: 'use a name of 1 to 40 lower-case letters, digits and dashes',
      },
      {
        path: 'http.port',
        line: 8,
        value: '7480',
        remedy: 'use a whole number from 1 to 65535, without quotes',
      },
      {
        path: 'colour',
        line: 3,
        value: 'red',
        remedy: expect.stringContaining('remove it') as string,
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
      'http.host',
      'http.port',
      'keysDir',
      'natsServer.storeBytes',
    ]);
  });

  test('that lacks a key names the line of what lacks it', () => {
    const [fault] = faultsOf(good.replace('  port: 7480\n', ''));
    expect(fault).toMatchObject({ path: 'http.port', line: 5 });
  });

  test('that is no YAML is told with the line', () => {
    const [fault] = faultsOf(`${good}\n  bad: [1, 2\n`);
    expect(fault?.remedy).toMatch(/^write valid YAML/);
    expect(fault?.line).toBeGreaterThan(10);
  });

  test.each(['', '[]', '3', 'tenant', '%', '\u0000'])('that holds only %j is refused', (text) => {
    expect(faultsOf(text).length).toBeGreaterThan(0);
  });

  test('cannot blow up through aliases', () => {
    const bomb = `a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n`;
    expect(faultsOf(bomb)[0]?.remedy).toBe('use no aliases');
  });

  test('does not listen beyond this machine without https in front', () => {
    const open = good.replace('host: 127.0.0.1', 'host: 0.0.0.0');
    expect(faultsOf(open)).toMatchObject([{ path: 'http.host', line: 6, value: '0.0.0.0' }]);
    const plain = open.replace('http:\n', 'http:\n  publicUrl: http://hub.example\n');
    expect(faultsOf(plain)).toHaveLength(1);
    const https = open.replace('http:\n', 'http:\n  publicUrl: https://hub.example\n');
    expect(faultsOf(https)).toEqual([]);
  });

  test('does not listen twice on one port, unless it is of two addresses', () => {
    const same = good.replace('7480', '7422');
    expect(faultsOf(same)).toEqual([
      {
        path: 'natsServer.port',
        line: 13,
        value: 7422,
        remedy: 'use another port than http.port, which is 7422 too, and name it in nats.servers',
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

  test('that is not there is a fault of the same form', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-config-'));
    const file = join(folder, 'hub.yaml');
    await expect(loadHubConfig(file)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await writeFile(file, good);
    expect((await loadHubConfig(file)).keysDir).toBe(join(folder, 'keys'));
    await rm(folder, { recursive: true });
  });
});
