import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { InitResult } from '../provision/init-hub.ts';
import { freePort, startNats } from '../provision/testing/nats-process.ts';
import { systemClock } from '../system-clock.ts';
import { linesOf, type Ended } from '../testing/hub-process.ts';
import { allCommands } from './all-commands.ts';
import { execute } from './execute.ts';

const { natsServer } = inject('programs');

let folder: string;
let hub: InitResult;
let natsPort: number;

/** Runs a command line as a person types it. */
async function run(...typed: string[]): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const log = pino({}, { write: (line) => void (said.stderr += line) });
  const code = await execute(typed, allCommands, {
    cwd: folder,
    clock: systemClock,
    random: (size) => randomBytes(size),
    log,
    out(value) {
      said.stdout += `${JSON.stringify(value)}\n`;
      return Promise.resolve();
    },
    say: (text) => void (said.stderr += text),
  });
  return { code, ...said };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
  natsPort = await freePort();
  const ports = ['--http-port', String(await freePort()), '--nats-port', String(natsPort)];
  const done = await run('init', '--dir', 'hub', ...ports);
  hub = JSON.parse(done.stdout) as InitResult;
});
afterAll(() => rm(folder, { recursive: true }));

describe('init', () => {
  test('prints what a person needs, once', async () => {
    expect(hub.config).toBe(join(folder, 'hub/hub.yaml'));
    expect(hub.administrator.password).toMatch(/^[\w-]{27}$/);
    expect(Buffer.from(hub.publicKey, 'base64')).toHaveLength(32);
    const again = await run('init', '--dir', 'hub');
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/^CONFLICT/);
  });

  test('keeps secrets from others, and the password from everybody', async () => {
    const secrets = ['keys/hub-signing.pem', 'keys/hub-login.seed', 'keys/metrics.token'];
    for (const file of [...secrets, 'data/hub.sqlite']) {
      expect((await stat(join(folder, 'hub', file))).mode & 0o777).toBe(0o600);
    }
    for (const file of ['hub.yaml', 'nats-server.conf', 'data/hub.sqlite']) {
      const bytes = await readFile(join(folder, 'hub', file));
      expect(bytes.includes(hub.administrator.password)).toBe(false);
    }
  });

  test.each([
    [['--dir', 'x', '--http-port', '0'], '--http-port must be a port'],
    [['--dir', 'x', '--tenant', 'Not A Name'], 'tenant "Not A Name"'],
    [[], '--dir is missing'],
  ])('with %j says what is wrong', async (options, words) => {
    const ended = await run('init', ...options);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(words);
  });
});

test('init refuses one port for both servers, and leaves nothing behind', async () => {
  const ended = await run('init', '--dir', 'same', '--http-port', '7480', '--nats-port', '7480');
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(/^CONFIG_INVALID/);
  const [fault] = ended.stderr.split('\n').filter((line) => line.startsWith('{'));
  expect(JSON.parse(fault ?? '')).toMatchObject({
    path: 'natsServer.port',
    value: 7480,
    remedy: expect.stringContaining('another port than http.port') as string,
  });
  await expect(stat(join(folder, 'same'))).rejects.toThrow('ENOENT');
});

describe('check', () => {
  test('accepts what init wrote', async () => {
    expect(linesOf(await run('check', 'hub/hub.yaml'))).toEqual([{ config: hub.config, ok: true }]);
  });

  test('says every fault at once, each on a line, and ends with 2', async () => {
    const text = await readFile(hub.config, 'utf8');
    await writeFile(
      join(folder, 'bad.yaml'),
      text.replace('tenant: main', 'tenant: 7\nkolour: red').replace(/storeBytes: \d+/, ''),
    );
    const ended = await run('check', 'bad.yaml');
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    const faults = ended.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(faults.map((fault) => fault['path'])).toEqual([
      'tenant',
      'natsServer.storeBytes',
      'kolour',
    ]);
    expect(faults.every((fault) => typeof fault['line'] === 'number')).toBe(true);
  });
});

test('schema prints a JSON Schema that says what each setting is', async () => {
  const [schema] = linesOf(await run('schema'));
  expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
  expect(JSON.stringify(schema)).toContain('signing key, NATS login and metrics token');
});

test('public-key prints what gateways must know', async () => {
  const [printed] = linesOf(await run('public-key', '--config', 'hub/hub.yaml'));
  expect(printed).toMatchObject({ publicKey: hub.publicKey });
});

test('user reset-password gives a new password, and nobody else one', async () => {
  const [reset] = linesOf(await run('user', 'reset-password', '--config', 'hub/hub.yaml'));
  expect(reset).toMatchObject({ username: 'administrator' });
  expect(reset?.['password']).not.toBe(hub.administrator.password);
  const words = ['user', 'reset-password', '--config', 'hub/hub.yaml', '--username', 'nobody'];
  const nobody = await run(...words);
  expect(nobody).toMatchObject({ code: 1, stdout: '' });
});

test('lists and rebuilds are empty for a hub that heard nothing', async () => {
  const config = ['--config', 'hub/hub.yaml'];
  expect((await run('export-lane', ...config)).stdout).toBe('');
  expect((await run('quarantine', 'list', ...config)).stdout).toBe('');
  expect((await run('quarantine', 'count', ...config)).stdout).toBe('');
  expect(linesOf(await run('rebuild', ...config))).toMatchObject([{ events: 0 }]);
});

describe('gateway add', () => {
  const key = createUser();
  const signingKey = Buffer.alloc(32, 9).toString('base64');
  const add = (changes: Record<string, string> = {}) => {
    const options = {
      config: 'hub/hub.yaml',
      site: 'berlin',
      id: 'gw-1',
      nkey: key.getPublicKey(),
      'signing-key': signingKey,
      ...changes,
    };
    const typed = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    return run('gateway', 'add', ...typed);
  };

  test.skipIf(natsServer === '')(
    'lets the gateway in to a nats-server that runs, without a restart',
    async () => {
      const nats = await startNats(hub.natsConfig);
      const dial = () =>
        connect({
          servers: `nats://127.0.0.1:${natsPort}`,
          authenticator: nkeyAuthenticator(key.getSeed()),
          reconnect: false,
        });
      await expect(dial()).rejects.toThrow(/Authorization/);
      const [added] = linesOf(await add());
      expect(added).toMatchObject({
        site: 'berlin',
        gateway: 'gw-1',
        nats: { reload: { reloaded: true, pid: nats.pid }, next: null },
      });
      await nats.said('Reloaded: authorization users');
      await (await dial()).close();
      await nats.stop();
    },
  );

  test('says the same again without harm, and how to reload by hand', async () => {
    await add();
    const [again] = linesOf(await add());
    expect(again).toMatchObject({ nats: { reload: { reloaded: false } } });
    expect(JSON.stringify(again)).toContain('nats-server --signal reload=');
    const [listed, ...others] = linesOf(await run('gateway', 'list', '--config', 'hub/hub.yaml'));
    expect(listed).toMatchObject({ site: 'berlin', gateway: 'gw-1', state: 'never-seen' });
    expect(others).toEqual([]);
  });

  test.each([
    ['an id that is taken at another site', { site: 'hamburg' }, 1, 'CONFLICT'],
    [
      'an id that is taken with another key',
      { 'signing-key': Buffer.alloc(32, 8).toString('base64') },
      1,
      'CONFLICT',
    ],
    ['an nkey that is taken', { id: 'gw-2' }, 1, 'CONFLICT'],
    ['a name that is none', { id: 'GW 2', nkey: createUser().getPublicKey() }, 2, 'BAD_INPUT'],
    ['a mistyped nkey', { id: 'gw-2', nkey: `UA${'A'.repeat(54)}` }, 2, 'BAD_INPUT'],
    [
      'a signing key that is none',
      { id: 'gw-2', nkey: createUser().getPublicKey(), 'signing-key': 'AAAA' },
      2,
      'BAD_INPUT',
    ],
  ])('refuses %s', async (_what, changes, code, fault) => {
    await add();
    const before = await readFile(hub.natsConfig, 'utf8');
    const ended = await add(changes);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(fault);
    expect(await readFile(hub.natsConfig, 'utf8')).toBe(before);
  });
});

test('no command, or one that there is not, shows help and ends with 2', async () => {
  for (const typed of [[], ['fly']]) {
    const ended = await run(...typed);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('gateway add');
  }
});
