import { generateKeyPairSync } from 'node:crypto';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { parseDocument } from 'yaml';
import { freePort } from '#contracts/testing/free-port.ts';
import { cliPath } from './stack/run-tool.ts';
import { createTestCa } from './testing/certificates.ts';

const { natsServer } = inject('programs');
const mib = 1_048_576;

let dir = '';
let ca: ReturnType<typeof createTestCa>;
let natsPort = 0;
let webPort = 0;
let httpPort = 0;
let mqttPort = 0;
const running: ChildProcess[] = [];

interface Said {
  readonly code: number;
  readonly out: Record<string, unknown>;
  readonly err: string;
}

/** Runs one of our commands; what it printed last on stdout is JSON. */
function run(part: 'edge' | 'hub', ...args: string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cliPath(part), ...args], (error, stdout, err) => {
      const out = JSON.parse(stdout.trim().split('\n').at(-1) || '{}') as Said['out'];
      resolve({ code: Number(error?.code ?? 0), out, err });
    });
  });
}
const hub = (...args: string[]) => run('hub', ...args, '--config', join(dir, 'hub/hub.yaml'));

async function mustRun(command: Promise<Said>): Promise<void> {
  const { code, err } = await command;
  if (code !== 0) throw new Error(err);
}

function start(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  running.push(child);
  const log = { text: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log.text += text));
  const said = (words: string) => until(() => expect(log.text).toContain(words));
  const stop = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  return { child, log, said, stop };
}
const until = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 20_000, interval: 50 });

const startNats = async () => {
  const nats = start(natsServer, ['-c', join(dir, 'hub/nats-server.conf')]);
  await nats.said('Server is ready');
  return nats;
};

const gatewayDir = () => join(dir, 'lyon-1');
const gatewayFile = () => join(gatewayDir(), 'gateway.yaml');

async function token(...more: string[]): Promise<string> {
  const made = await hub('gateway', 'token', '--site', 'lyon', '--id', 'lyon-1', ...more);
  expect(made.code).toBe(0);
  return String(made.out['token']);
}

function enroll(folder: string, text: string): Promise<Said> {
  const file = join(dir, 'token');
  writeFileSync(file, text);
  return run('edge', 'enroll', '--dir', folder, '--token-file', file);
}

/** Ports of the test, and no more of the disk than a test has. */
function editConfig(edit: (set: (path: string[], value: unknown) => void) => void): void {
  const document = parseDocument(readFileSync(gatewayFile(), 'utf8'));
  edit((path, value) => document.setIn(path, document.createNode(value)));
  writeFileSync(gatewayFile(), document.toString());
}

const health = async () => {
  const answer = await fetch(`http://127.0.0.1:${httpPort}/health`);
  return (await answer.json()) as { status: string; uplink: Record<string, unknown> };
};
const uplinkIs = (state: string, more: object = {}) =>
  until(async () => expect((await health()).uplink).toMatchObject({ state, ...more }));

async function takesDevices(): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
    username: 'dock-reader',
    password: 'the-password',
    clientId: 'dock-reader',
  });
  await client.publishAsync('dock-reader/events', '{"eventType":"none"}', { qos: 1 });
  await client.endAsync();
}

function everyFile(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
}

describe.skipIf(natsServer === '')('a new box, over TLS with a private CA', () => {
  let nats: Awaited<ReturnType<typeof startNats>>;
  let hubProcess: ReturnType<typeof start>;
  let gateway: ReturnType<typeof start>;
  let used = '';

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'holdfast-enrol-'));
    ca = createTestCa(dir);
    ca.issue('nats', 30);
    [natsPort, webPort, httpPort, mqttPort] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const tls = ['--nats-cert', join(dir, 'nats.pem'), '--nats-key', join(dir, 'nats.key')];
    const ports = ['--http-port', String(await freePort()), '--nats-port', String(natsPort)];
    const where = ['--dir', join(dir, 'hub'), ...ports, ...tls, '--nats-ca', ca.caFile];
    await mustRun(run('hub', 'init', ...where));
    const file = join(dir, 'hub/hub.yaml');
    const document = parseDocument(readFileSync(file, 'utf8'));
    document.setIn(['natsServer', 'webSocket'], { host: '127.0.0.1', port: webPort });
    writeFileSync(file, document.toString());
    await mustRun(hub('nats-config'));
    nats = await startNats();
    hubProcess = start(process.execPath, [cliPath('hub'), '--config', file]);
    await hubProcess.said('nats.connected');
    await hubProcess.said('hub.started');
  });
  afterAll(async () => {
    const alive = running.filter((child) => child.exitCode === null && child.signalCode === null);
    await Promise.all(
      alive.map((child) => {
        child.kill('SIGKILL');
        return once(child, 'exit');
      }),
    );
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  test('enrols itself by a token, and its keys never leave it', async () => {
    used = await token();
    const done = await enroll(gatewayDir(), used);
    expect(done).toMatchObject({ code: 0, out: { site: 'lyon', gateway: 'lyon-1' } });
    for (const file of ['keys/login.seed', 'keys/signing.pem', 'keys/http.token']) {
      expect(statSync(join(gatewayDir(), file)).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(join(gatewayDir(), 'hub-ca.pem'), 'utf8').trim()).toBe(
      readFileSync(ca.caFile, 'utf8').trim(),
    );
    const checked = await run('edge', 'check', gatewayFile());
    expect(checked.err).not.toContain('fault');
    const [listed] = [await hub('gateway', 'tokens')];
    expect(listed?.out).toMatchObject({ state: 'used', gateway: 'lyon-1' });
    const seed = readFileSync(join(gatewayDir(), 'keys/login.seed'), 'utf8').trim();
    const secrets = [used, used.slice(5, 60), seed];
    const shown = [hubProcess.log.text, nats.log.text, done.err, JSON.stringify(done.out)];
    for (const file of everyFile(join(dir, 'hub'))) shown.push(readFileSync(file, 'latin1'));
    for (const secret of secrets) expect(shown.some((text) => text.includes(secret))).toBe(false);
  });

  test('connects with what the enrolment wrote, and the hub knows it', async () => {
    editConfig((set) => {
      set(['mqtt', 'port'], mqttPort);
      set(['mqtt', 'host'], '127.0.0.1');
      set(['http', 'port'], httpPort);
      const disk = { intakeBudgetBytes: 64 * mib, floorBytes: 8 * mib, reserveBytes: 8 * mib };
      set(['disk'], disk);
      set(
        ['devices'],
        [
          {
            id: 'dock-reader',
            profile: 'impinj-r700',
            zone: 'receiving-dock',
            mqtt: { username: 'dock-reader', passwordFile: 'keys/dock-reader.password' },
            buffers: true,
            silentAfterMs: 60_000,
          },
        ],
      );
    });
    const password = join(gatewayDir(), 'keys/dock-reader.password');
    writeFileSync(password, 'the-password', { mode: 0o600 });
    gateway = start(process.execPath, [cliPath('edge'), '--config', gatewayFile()]);
    await gateway.said('gateway.started');
    await uplinkIs('live');
    await takesDevices();
  });

  test('asks again with the same keys and is answered alike; another box is not', async () => {
    expect(await enroll(gatewayDir(), used)).toMatchObject({ code: 0 });
    const other = await enroll(join(dir, 'other'), used);
    expect(other.code).toBe(1);
    expect(other.err).toMatch(/^TOKEN_USED: .*the token let another box in at 2\d\d\d-/);
    expect(existsSync(join(dir, 'other/gateway.yaml'))).toBe(false);
    await uplinkIs('live');
  });

  test('changes its login while it runs, and the former one is refused then', async () => {
    const seedFile = join(gatewayDir(), 'keys/login.seed');
    copyFileSync(seedFile, join(dir, 'former.seed'));
    const before = nats.log.text.length;
    const rotated = await run('edge', 'rotate-login', '--config', gatewayFile());
    expect(rotated).toMatchObject({
      code: 0,
      out: { former: expect.stringMatching(/^U/) as string },
    });
    expect(readFileSync(seedFile, 'utf8')).not.toBe(readFileSync(join(dir, 'former.seed'), 'utf8'));
    expect(existsSync(`${seedFile}.next`)).toBe(false);
    const config = readFileSync(join(dir, 'hub/nats-server.conf'), 'utf8');
    expect(config).toContain(String(rotated.out['publicNkey']));
    expect(config).not.toContain(String(rotated.out['former']));
    // The session of the former login is cut by the reload, and the gateway comes back by itself.
    await until(() => expect(nats.log.text.slice(before)).toContain('Reloaded: authorization'));
    await gateway.said('uplink.disconnected');
    await uplinkIs('live');
  });

  test('does not change its login while the hub is away', async () => {
    await hubProcess.stop('SIGTERM');
    const seedFile = join(gatewayDir(), 'keys/login.seed');
    const seed = readFileSync(seedFile, 'utf8');
    const refused = await run('edge', 'rotate-login', '--config', gatewayFile());
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('LINK_DOWN: the hub does not answer');
    expect(readFileSync(seedFile, 'utf8')).toBe(seed);
    hubProcess = start(process.execPath, [cliPath('hub'), '--config', join(dir, 'hub/hub.yaml')]);
    await hubProcess.said('hub.started');
    const finished = await run('edge', 'rotate-login', '--config', gatewayFile());
    expect(finished.code).toBe(0);
    await uplinkIs('live');
  });

  test('takes devices with an expired server certificate, says so, and goes on trying', async () => {
    ca.issue('nats', -1);
    await nats.stop();
    nats = await startNats();
    await uplinkIs('away', { fault: 'CERTIFICATE_EXPIRED' });
    expect((await health()).uplink['reason']).toContain("the hub's certificate has expired");
    await takesDevices();
    await until(async () => expect((await health()).uplink['backlogEvents']).toBeGreaterThan(0));
    ca.issue('nats', 30);
    await nats.stop();
    nats = await startNats();
    await uplinkIs('live', { backlogEvents: 0 });
    expect((await health()).uplink).not.toHaveProperty('fault');
  });

  test('finds its way over a secure WebSocket where that is all that is open', async () => {
    await gateway.stop('SIGTERM');
    editConfig((set) => set(['hub', 'servers'], [`wss://localhost:${webPort}`]));
    gateway = start(process.execPath, [cliPath('edge'), '--config', gatewayFile()]);
    await gateway.said('gateway.started');
    await uplinkIs('live');
    ca.issue('nats', -1);
    await nats.stop();
    nats = await startNats();
    await uplinkIs('away', { fault: 'CERTIFICATE_EXPIRED' });
    ca.issue('nats', 30);
    await nats.stop();
    nats = await startNats();
    await uplinkIs('live');
  });

  test('shows a server that asks for certificates its own, and says when that has expired', async () => {
    const file = join(dir, 'hub/hub.yaml');
    const document = parseDocument(readFileSync(file, 'utf8'));
    document.setIn(['natsServer', 'tls', 'verifyClients'], true);
    document.setIn(['nats', 'tls'], { caFile: ca.caFile, ...ca.issue('hub-client', 30) });
    writeFileSync(file, document.toString());
    expect((await hub('nats-config')).code).toBe(0);
    await Promise.all([gateway.stop('SIGTERM'), hubProcess.stop('SIGTERM'), nats.stop()]);
    nats = await startNats();
    hubProcess = start(process.execPath, [cliPath('hub'), '--config', file]);
    editConfig((set) => {
      set(['hub', 'servers'], [`tls://127.0.0.1:${natsPort}`]);
      set(['hub', 'tls'], { caFile: 'hub-ca.pem', ...ca.issue('gateway', -1) });
    });
    gateway = start(process.execPath, [cliPath('edge'), '--config', gatewayFile()]);
    await gateway.said('gateway.started');
    await uplinkIs('away', { fault: 'CERTIFICATE_EXPIRED' });
    expect((await health()).uplink['reason']).toContain("this gateway's certificate");
    await takesDevices();
    ca.issue('gateway', 30);
    await uplinkIs('live', { backlogEvents: 0 });
  });

  test('is cut off at once when it is revoked, keeps its devices, and comes back by a token', async () => {
    const revoked = await hub('gateway', 'revoke', '--site', 'lyon', '--id', 'lyon-1');
    expect(revoked).toMatchObject({ code: 0, out: { nats: { reload: { reloaded: true } } } });
    await uplinkIs('away', { fault: 'LOGIN_REFUSED' });
    await takesDevices();
    expect((await enroll(gatewayDir(), used)).err).toContain('TOKEN_REVOKED');
    const rotated = await run('edge', 'rotate-login', '--config', gatewayFile());
    expect(rotated.err).toContain('NOT_ALLOWED');
    const again = await enroll(gatewayDir(), await token('--replace'));
    expect(again).toMatchObject({ code: 0 });
    await uplinkIs('live');
  });

  test('signs with another key after a replacement in its own place, and goes on', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(join(gatewayDir(), 'keys/signing.pem'), pem);
    const again = await enroll(gatewayDir(), await token('--replace'));
    expect(again).toMatchObject({ code: 0 });
    await gateway.stop('SIGTERM');
    gateway = start(process.execPath, [cliPath('edge'), '--config', gatewayFile()]);
    await gateway.said('gateway.started');
    await takesDevices();
    await until(async () => {
      const { uplink } = await health();
      expect(uplink).toMatchObject({ state: 'live', backlogEvents: 0 });
    });
  });

  test('in the place of another has other keys, and the old box is out', async () => {
    const replacing = await enroll(join(dir, 'new-box'), await token('--replace'));
    expect(replacing).toMatchObject({ code: 0 });
    // Whether it hears of its key or of its login first, it is out.
    await uplinkIs(expect.stringMatching(/away|halted/) as string, { fault: 'LOGIN_REFUSED' });
    const listed = await hub('gateway', 'list');
    expect(listed.out).toMatchObject({ signingKey: replacing.out['signingPublicKey'] });
  });
});
