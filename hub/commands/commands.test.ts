import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { InitResult } from '../provision/init-hub.ts';
import { freePort } from '#contracts/testing/free-port.ts';
import { startNats } from '../provision/testing/nats-process.ts';
import { systemClock } from '../system-clock.ts';
import { linesOf, type Ended } from '../testing/hub-process.ts';
import { allCommands } from './all-commands.ts';
import { execute } from './execute.ts';

const { natsServer } = inject('programs');

let folder: string;
let hub: InitResult;
let natsPort: number;
let said: string;

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
    input: () => Promise.resolve(''),
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
  said = done.stderr;
});
afterAll(() => rm(folder, { recursive: true }));

describe('init', () => {
  test('prints what a person needs, once', async () => {
    expect(hub.config).toBe(join(folder, 'hub/hub.yaml'));
    expect(hub.administrator.password).toMatch(/^[\w-]{27}$/);
    expect(Buffer.from(hub.publicKey, 'base64')).toHaveLength(32);
    expect(said).toContain(`nats-server -c ${hub.natsConfig}\n`);
    expect(said).toContain(`npm run hub -- --config ${hub.config}\n`);
    expect(said).not.toContain(hub.administrator.password);
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
  expect(ended.stderr).toMatch(/hub.yaml has one fault/);
  expect(ended.stderr).toContain('/natsServer/port (line 14:3): is http.port too, found 7480. Use');
  await expect(stat(join(folder, 'same'))).rejects.toThrow('ENOENT');
});

describe('check', () => {
  test('accepts what init wrote', async () => {
    expect(linesOf(await run('check', 'hub/hub.yaml'))).toEqual([
      { ok: true, config: hub.config, warnings: 0 },
    ]);
  });

  test('says every fault at once, each on a line, and ends with 2', async () => {
    const text = await readFile(hub.config, 'utf8');
    await writeFile(
      join(folder, 'hub/bad.yaml'),
      text.replace('tenant: main', 'tenant: 7\nkolour: red').replace(/storeBytes: \d+/, ''),
    );
    const ended = await run('check', 'hub/bad.yaml');
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^.*bad.yaml has 3 faults\n/);
    const faults = ended.stderr.trim().split('\n').slice(1);
    expect(faults).toEqual([
      expect.stringMatching(/^ {2}\/tenant \(line 2:1\): does not fit, found 7\. Use /),
      expect.stringMatching(/^ {2}\/natsServer\/storeBytes \(line \d+:\d+\): is missing\. Add /),
      expect.stringMatching(/^ {2}\/kolour \(line 3:1\): does not fit, found "red"\. Remove /),
    ]);
  });

  test('says what a start would be refused for: keys, CA and store, together with the rest', async () => {
    const keys = join(folder, 'hub/keys');
    const text = await readFile(hub.config, 'utf8');
    const bad = join(folder, 'hub/bad.yaml');
    const elsewhere = text.replace('data/hub.sqlite', 'hub.yaml/hub.sqlite');
    await writeFile(bad, `${elsewhere}enrolment: { caFile: missing.pem }\nkolour: red\n`);
    await chmod(join(keys, 'hub-login.seed'), 0o644);
    await chmod(join(keys, 'metrics.token'), 0o640);
    const [checked, started] = [await run('check', bad), await run('run', '--config', bad)];
    await chmod(join(keys, 'hub-login.seed'), 0o600);
    await chmod(join(keys, 'metrics.token'), 0o600);
    expect(checked).toMatchObject({ code: 2, stdout: '' });
    expect(started).toEqual(checked);
    const paths = checked.stderr.trim().split('\n').slice(1);
    expect(paths.map((line) => line.trim().split(' ')[0])).toEqual([
      '/kolour',
      '/keysDir',
      '/keysDir',
      '/enrolment/caFile',
      '/store/file',
    ]);
    expect(checked.stderr).toContain(`Run: chmod 600 ${join(keys, 'metrics.token')}`);
  });

  test('says it when nats-server lacks rights that this version needs', async () => {
    const text = await readFile(hub.natsConfig, 'utf8');
    await writeFile(hub.natsConfig, text.replace(/, "hf\.1\.main\.\*\.\*\.nudge"/, ''));
    const ended = await run('check', hub.config);
    await writeFile(hub.natsConfig, text);
    expect(linesOf(ended)).toMatchObject([{ ok: true, warnings: 1 }]);
    expect(ended.stderr).toContain('/natsServer/configFile (line');
    expect(ended.stderr).toContain('`hub nats-config`');
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

test('gateway add names all that is wrong with the call at once', async () => {
  const nothing = await run('gateway', 'add');
  expect(nothing).toMatchObject({ code: 2, stdout: '' });
  for (const option of ['config', 'site', 'id', 'nkey', 'signing-key']) {
    expect(nothing.stderr).toContain(`  --${option}: is missing`);
  }
  const call = ['--config', 'hub/hub.yaml', '--site', 'Lyon 1', '--id', 'lyon-1'];
  const wrong = await run('gateway', 'add', ...call, '--nkey', 'UA', '--signing-key', 'AAAA');
  expect(wrong.stderr).toMatch(/^BAD_INPUT: the call has 3 faults\n/);
  expect(wrong.stderr).toContain('--site: is no name, found "Lyon 1". Use a name of');
  expect(wrong.stderr).toContain('--nkey: is no public nkey of a user, found "UA".');
  expect(wrong.stderr).toContain('--signing-key: is no Ed25519 public key, found "AAAA".');
});

test('help is about what was asked for', async () => {
  const names = (text: string) =>
    text.split('\n').flatMap((line) => /^ {2}(\w\S*(?: [a-z][\w-]*)?)/.exec(line)?.[1] ?? []);
  const one = await run('gateway', 'add', '--help');
  expect(one).toMatchObject({ code: 0, stdout: '' });
  expect(names(one.stderr)).toEqual(['gateway add']);
  expect((await run('help', 'gateway', 'add')).stderr).toBe(one.stderr);
  const some = names((await run('gateway', '--help')).stderr);
  expect(some).toContain('gateway add');
  expect(some).toContain('gateway list');
  expect(some.every((name) => name.startsWith('gateway '))).toBe(true);
  expect(names((await run('--help')).stderr)).toHaveLength(allCommands.length);
  expect(await run('fly', '--help')).toMatchObject({ code: 2 });
});

test('no command, or one that there is not, shows help and ends with 2', async () => {
  for (const typed of [[], ['fly']]) {
    const ended = await run(...typed);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('gateway add');
  }
});
