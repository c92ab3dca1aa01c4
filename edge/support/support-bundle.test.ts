import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, setUpGateway, startGateway } from '../testing/gateway-process.ts';
import { tempDir } from '../testing/test-parts.ts';
import { redactConfig, scrub, secretsOf } from './redact.ts';

test('holds what is needed to help, and no secret of any file that the config names', async () => {
  const dir = tempDir();
  const setup = await setUpGateway(dir);
  const secrets = readdirSync(join(dir, 'keys')).flatMap((name) => {
    const text = readFileSync(join(dir, 'keys', name), 'utf8');
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  });
  expect(secrets.length).toBeGreaterThan(4);
  const log = join(dir, 'gateway.log');
  writeFileSync(log, `{"msg":"a line"}\n${secrets.map((one) => `leak ${one}`).join('\n')}\n`);
  const gateway = await startGateway(setup);
  const args = ['support-bundle', '--config', setup.file, '--out', 'help.tar.gz', '--log', log];
  expect(await runCli(args, dir)).toMatchObject({ code: 0 });
  expect(await runCli(args, dir)).toMatchObject({ code: 1, stdout: '' });
  await gateway.end('SIGTERM');
  const archive = join(dir, 'help.tar.gz');
  expect(statSync(archive).mode & 0o777).toBe(0o600);
  mkdirSync(join(dir, 'unpacked'));
  execFileSync('tar', ['-xzf', archive, '-C', join(dir, 'unpacked')]);
  const folder = join(dir, 'unpacked', 'holdfast-support');
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  expect(readdirSync(folder).toSorted()).toEqual([
    'config.json',
    'databases.json',
    'devices.json',
    'health.json',
    'journal.json',
    'log.txt',
    'machine.json',
    'metrics.txt',
  ]);
  expect(JSON.parse(read('health.json'))).toMatchObject({ status: 'ok' });
  expect(read('metrics.txt')).toContain('holdfast_journal_seq');
  expect(JSON.parse(read('journal.json'))).toMatchObject({ epoch: { site: 'test' } });
  expect(JSON.parse(read('databases.json'))).toMatchObject([
    { name: 'evidence' },
    { name: 'intake', version: 1, rows: { mark: 1 } },
    { name: 'journal' },
  ]);
  expect(JSON.parse(read('config.json'))).toMatchObject({ gateway: { id: 'gw-1' } });
  expect(read('log.txt')).toContain('a line');
  const all = readdirSync(folder).map(read).join('\n');
  for (const secret of secrets) expect(all).not.toContain(secret);
}, 60_000);

test('of a gateway that does not run says so, and all else', async () => {
  const dir = tempDir();
  const setup = await setUpGateway(dir);
  const args = ['support-bundle', '--config', setup.file, '--out', 'help.tar.gz'];
  expect(await runCli(args, dir)).toMatchObject({ code: 0 });
  const list = execFileSync('tar', ['-xzOf', join(dir, 'help.tar.gz')], { encoding: 'utf8' });
  expect(list).toContain('no gateway answers');
  expect(list).toContain('"missing": true');
}, 60_000);

describe('a config', () => {
  test('loses values that are secret by name or as part of an address', () => {
    const config = {
      hub: { servers: ['tls://user:hush@hub:4222', 'nats://hub'], publicKey: 'known' },
      feed: [{ url: 'https://wms/in?sig=abc', bearerToken: 'tell-nobody', secretFile: '/k/s' }],
    };
    expect(redactConfig(config)).toEqual({
      hub: { servers: ['tls://hub:4222', 'nats://hub'], publicKey: 'known' },
      feed: [{ url: 'https://wms/in?redacted', bearerToken: '<redacted>', secretFile: '/k/s' }],
    });
    expect(secretsOf(config)).toEqual(['tell-nobody', 'hush']);
  });

  test('has its secrets found in any text, also encoded', () => {
    const secret = 'a "quoted" secret/';
    const text = [secret, JSON.stringify(secret), btoa(secret), encodeURIComponent(secret)];
    const clean = scrub(text.join(' | '), [secret]);
    expect(clean).toBe('<redacted> | "<redacted>" | <redacted> | <redacted>');
  });

  test.each([
    ['an enrolment token', 'hfe1.eyJjYSI6Ii0tLS0tQkVHSU4gQ0VSVElGSUNBVEUtLS0tLSJ9'],
    ['a JSON Web Token', 'eyJhbGciOiJFZDI1NTE5In0.eyJqdGkiOiJBQkMifQ.c2lnbmF0dXJl-_'],
    ['the seed of a NATS user', `SU${'ABCDEFGH'.repeat(7)}`],
    ['the seed of a NATS account', `SA${'Q2345672'.repeat(7)}`],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----'],
    [
      'a private key in JSON',
      '-----BEGIN EC PRIVATE KEY-----\\nMHcCAQ\\n-----END EC PRIVATE KEY-----',
    ],
    ['the hash of a password', '$argon2id$v=19$m=32768,t=3,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo'],
  ])('%s is found by its shape in any text', (_, secret) => {
    expect(scrub(`{"msg":"it said ${secret}, then ended"}`, [])).toBe(
      '{"msg":"it said <redacted>, then ended"}',
    );
  });

  test.each([
    ['Authorization: Bearer kJ8s-d_f7g6h5', 'Authorization: Bearer <redacted>'],
    ['{"authorization":"Basic ZG9jazpzZWNyZXQ="}', '{"authorization":"Basic <redacted>"}'],
    [
      '__Host-holdfast-floor=abcdefghijklmnop1234; Path=/',
      '__Host-holdfast-floor=<redacted>; Path=/',
    ],
    ['nats://dock:hush-now@hub:4222', 'nats://<redacted>@hub:4222'],
    ['{"password":"hush now","user":"a"}', '{"password":"<redacted>","user":"a"}'],
    ['POST /in?token=abcdef&id=7', 'POST /in?token=<redacted>&id=7'],
  ])('%s keeps what is not secret', (text, clean) => {
    expect(scrub(text, [])).toBe(clean);
  });

  test('and what only looks a little like a secret stays', () => {
    const text = [
      '{"tokenFile":"keys/http.token","publicKey":"UABC","tokens":3,"password":null}',
      'holdfast_mqtt_sign_ins_limited_total 5',
      'broker.sign-in-refused http://127.0.0.1:8090/floor/ user@example.com',
      `fingerprint ${'ab'.repeat(32)} U${'ABCDEFGH'.repeat(6)}ABCDEFG`,
    ].join('\n');
    expect(scrub(text, [])).toBe(text);
  });
});
