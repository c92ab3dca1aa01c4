import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import Database from 'better-sqlite3';
import mqtt from 'mqtt';
import { describe, expect, test } from 'vitest';
import {
  runCli,
  setUpGateway,
  startGateway,
  type RunningGateway,
} from './testing/gateway-process.ts';
import { tempDir } from './testing/test-parts.ts';

function linesOf(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('init', () => {
  test('makes a config that needs the key of the hub alone, and keeps what is there', async () => {
    const dir = tempDir();
    const args = ['init', '--dir', 'gw', '--site', 'hamburg', '--id', 'gw-1'];
    const made = await runCli(args, dir);
    expect(made.code).toBe(0);
    const [line] = linesOf(made.stdout);
    expect(line?.['config']).toBe(join(dir, 'gw/gateway.yaml'));
    expect(line?.['publicNkey']).toMatch(/^U/);
    for (const name of ['login.seed', 'signing.pem', 'http.token']) {
      expect(statSync(join(dir, 'gw/keys', name)).mode & 0o777).toBe(0o600);
    }
    const check = await runCli(['check', 'gw/gateway.yaml'], dir);
    expect(check.code).toBe(2);
    const [title, fault, ...more] = check.stderr.trim().split('\n');
    expect(title).toContain('has one fault');
    expect(fault).toContain('/hub/publicKey');
    expect(more).toEqual([]);
    const file = join(dir, 'gw/gateway.yaml');
    const key = Buffer.alloc(32, 1).toString('base64');
    writeFileSync(file, readFileSync(file, 'utf8').replace('publicKey: ""', `publicKey: "${key}"`));
    expect(await runCli(['check', 'gw/gateway.yaml'], dir)).toMatchObject({ code: 0 });
    expect(await runCli(args, dir)).toMatchObject({ code: 1 });
  });
});

test.skipIf(process.platform !== 'linux')(
  'a gateway has the heap of V8 that it needs, or the one that it was given',
  async () => {
    const setup = await setUpGateway(tempDir());
    const flagsOf = async (gateway: RunningGateway) => {
      const words = readFileSync(`/proc/${gateway.child.pid}/cmdline`, 'utf8').split('\0');
      await gateway.end('SIGKILL');
      return words.filter((word) => /^--(?:max-semi|minor-gc|heap)/.test(word));
    };
    const others = ['--minor-gc-task-trigger=50', '--heap-growing-percent=75'];
    const all = ['--max-semi-space-size=16', ...others];
    expect(await flagsOf(await startGateway(setup))).toEqual(all);
    const nodeFlags = ['--max-semi-space-size=8', ...others];
    expect(await flagsOf(await startGateway(setup, { nodeFlags }))).toEqual(nodeFlags);
    const env = { NODE_OPTIONS: '--max_semi_space_size=8' };
    expect(await flagsOf(await startGateway(setup, { env }))).toEqual(others);
  },
);

describe('the key of the hub', () => {
  test.each([['garbage'], [Buffer.alloc(31).toString('base64')], ['A'.repeat(44)]])(
    'is refused by init when it is %s, and nothing is made',
    async (key) => {
      const dir = tempDir();
      const args = ['init', '--dir', 'gw', '--site', 's', '--id', 'g', '--hub-key', key];
      const result = await runCli(args, dir);
      expect(result).toMatchObject({ code: 2, stdout: '' });
      expect(result.stderr).toContain('--hub-key');
      expect(existsSync(join(dir, 'gw'))).toBe(false);
    },
  );

  test('that init was given is in a config without faults, whatever the names', async () => {
    const dir = tempDir();
    const key = Buffer.alloc(32, 7).toString('base64');
    const args = ['init', '--dir', 'gw', '--site', '007', '--id', 'null', '--hub-key', key];
    expect(await runCli(args, dir)).toMatchObject({ code: 0 });
    expect(await runCli(['check', 'gw/gateway.yaml'], dir)).toMatchObject({ code: 0 });
  });
});

describe('a call that is wrong', () => {
  test.each([
    [['what'], 'no command "what"'],
    [['run', '--config', 'x', '--log-level', 'bogus'], 'use one of fatal, error, warn'],
    [['run', '--config', 'missing.yaml'], 'missing.yaml'],
    [['check'], 'name the config file'],
    [['init', '--dir', 'd', '--site', 'A', '--id', 'g'], 'site "A"'],
    [['init', '--dir', 'd', '--site', 's', '--id', 'g', '--tenant', '_'], 'tenant "_"'],
    [['init', '--dir', 'd', '--site', 's', '--id', 'g', '--hub-server', 'hub'], '"hub" is not'],
  ])('%j ends with 2, says why, and makes nothing', async (args, words) => {
    const dir = tempDir();
    const result = await runCli(args, dir);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(words);
    expect(result.stderr).not.toContain('    at ');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('ends with 1 where the system refuses, and says what', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'file'), '');
    const args = ['init', '--dir', 'file/gw', '--site', 's', '--id', 'g'];
    const result = await runCli(args, dir);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^ENOTDIR: .*file\/gw.*\n$/);
  });

  test('a config with faults starts nothing', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'bad.yaml'), 'dataDir: data\nmqtt: { port: 0 }\n');
    const result = await runCli(['run', '--config', 'bad.yaml'], dir);
    expect(result.code).toBe(2);
    expect(result.stderr.split('\n').length).toBeGreaterThan(8);
    expect(existsSync(join(dir, 'data'))).toBe(false);
  });
});

test('help on a command goes to stderr and ends with 0', async () => {
  const { code, stdout, stderr } = await runCli(['run', '--help'], tempDir());
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toContain('run --config FILE [--log-level LEVEL]');
  expect(stderr).not.toContain('init');
});

test('the schema is JSON Schema', async () => {
  const { code, stdout } = await runCli(['schema'], tempDir());
  expect(code).toBe(0);
  const schema = JSON.parse(stdout) as { $schema: string; required: string[] };
  expect(schema.$schema).toContain('2020-12');
  expect(schema.required).toContain('zones');
});

describe('exports', () => {
  test('read beside a running gateway, and verification finds a flipped byte', async () => {
    const dir = tempDir();
    const setup = await setUpGateway(dir);
    const gateway = await startGateway(setup);
    const client = await mqtt.connectAsync({
      port: setup.mqttPort,
      host: '127.0.0.1',
      username: 'reader-0',
      password: 'reader-0-secret',
    });
    await client.publishAsync('reader-0/tags', 'not JSON', { qos: 1 });
    await client.endAsync();
    const intake = await runCli(['intake', 'export', '--data', 'data'], dir);
    const entries = linesOf(intake.stdout);
    expect(entries.map((entry) => entry['pos'])).toEqual(entries.map((_, index) => index + 1));
    const message = entries.find((entry) => entry['type'] === 'message');
    expect(message?.['sha256']).toMatch(/^[0-9a-f]{64}$/);
    expect(message).toMatchObject({
      device: 'reader-0',
      channel: 'tags',
      qos: 1,
      payload: Buffer.from('not JSON').toString('base64'),
    });
    expect(await gateway.end('SIGTERM')).toBe(0);
    const journal = linesOf((await runCli(['journal', 'export', '--data', 'data'], dir)).stdout);
    expect(journal.map((event) => event['seq'])).toEqual(journal.map((_, index) => index + 1));
    for (const [log, all] of [
      ['intake', 'pos'],
      ['journal', 'seq'],
    ] as const) {
      const args = [log, 'export', '--data', 'data'];
      const whole = linesOf((await runCli(args, dir)).stdout);
      const behind = linesOf((await runCli([...args, '--after', '2'], dir)).stdout);
      expect(whole.length).toBeGreaterThan(2);
      expect(behind).toMatchObject(whole.filter((line) => Number(line[all]) > 2));
    }
    const wrong = await runCli(['intake', 'export', '--data', 'data', '--after', '-1'], dir);
    expect(wrong.code).toBe(2);
    const verified = await runCli(['journal', 'verify', '--data', 'data'], dir);
    expect(verified.code).toBe(0);
    expect(linesOf(verified.stdout)[0]).toMatchObject({
      chain: 'ok',
      seq: journal.length,
      hash: journal.at(-1)?.['hash'],
    });

    const db = new Database(join(dir, 'data/journal.db'));
    const row = db.prepare('SELECT bytes FROM block WHERE first_seq = 1').get() as {
      bytes: Buffer;
    };
    row.bytes[20] = (row.bytes[20] ?? 0) ^ 1;
    db.prepare('UPDATE block SET bytes = ? WHERE first_seq = 1').run(row.bytes);
    db.close();
    const broken = await runCli(['journal', 'verify', '--data', 'data'], dir);
    expect(broken.code).toBe(1);
    expect(linesOf(broken.stdout)[0]).toMatchObject({ chain: 'broken' });
  });

  test.each([['journal verify'], ['journal export'], ['intake export']])(
    'of a folder without data, or with something else in it, end with 1: %s',
    async (command) => {
      const dir = tempDir();
      const args = [...command.split(' '), '--data', 'data'];
      const missing = await runCli(args, dir);
      expect(missing).toMatchObject({ code: 1, stdout: '' });
      expect(missing.stderr).toContain('NOT_FOUND');
      mkdirSync(join(dir, 'data'));
      for (const name of ['intake.db', 'journal.db']) {
        writeFileSync(join(dir, 'data', name), 'anything '.repeat(1000));
      }
      const foreign = await runCli(args, dir);
      expect(foreign).toMatchObject({ code: 1, stdout: '' });
      expect(foreign.stderr).toMatch(/^STORE_BROKEN: .*\n$/);
    },
  );
});
