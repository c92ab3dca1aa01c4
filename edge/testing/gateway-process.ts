import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { onTestFinished } from 'vitest';
import { createIdentity } from '../identity/identity.ts';
import { freePort } from '#contracts/testing/free-port.ts';
import { until } from './test-parts.ts';

const cli = new URL('../cli.ts', import.meta.url).pathname;

/** A gateway's folder with keys and a config of readers, each at its own zone. */
export interface GatewaySetup {
  readonly file: string;
  readonly dataDir: string;
  readonly mqttPort: number;
  readonly httpPort: number;
  readonly token: string;
}

export async function setUpGateway(
  dir: string,
  options: { readonly dataDir?: string; readonly disk?: object; readonly readers?: number } = {},
): Promise<GatewaySetup> {
  const { dataDir = join(dir, 'data'), readers = 2 } = options;
  const [mqttPort, httpPort, hubPort] = [await freePort(), await freePort(), await freePort()];
  const keys = join(dir, 'keys');
  mkdirSync(keys, { recursive: true });
  createIdentity(keys);
  const secret = (name: string, text: string) => {
    writeFileSync(join(keys, name), text, { mode: 0o600 });
    return `keys/${name}`;
  };
  const ids = Array.from({ length: readers }, (_, index) => `reader-${index}`);
  const token = 'a token of the test';
  const config = {
    gateway: { tenant: 'main', site: 'test', id: 'gw-1' },
    dataDir,
    hub: {
      servers: [`nats://127.0.0.1:${hubPort}`],
      loginSeedFile: 'keys/login.seed',
      signingKeyFile: 'keys/signing.pem',
      publicKey: randomBytes(32).toString('base64'),
    },
    mqtt: { host: '127.0.0.1', port: mqttPort, maxConnections: 50 },
    http: { host: '127.0.0.1', port: httpPort, tokenFile: secret('http.token', token) },
    disk: options.disk ?? {
      intakeBudgetBytes: 2 ** 30,
      floorBytes: 2 ** 20,
      reserveBytes: 2 ** 20,
    },
    observe: { minReads: 1, absentAfterMs: 600_000, moveReads: 1, passWindowMs: 3000 },
    posting: { receive: 'post', move: 'post', ship: 'post', confirmReads: 3 },
    zones: ids.map((id) => ({ id: `zone-${id}`, status: 'available' })),
    portals: [],
    devices: ids.map((id) => ({
      id,
      profile: 'impinj-r700',
      zone: `zone-${id}`,
      buffers: true,
      silentAfterMs: 60_000,
      mqtt: { username: id, passwordFile: secret(id, `${id}-secret`) },
    })),
  };
  const file = join(dir, 'gateway.yaml');
  writeFileSync(file, JSON.stringify(config));
  return { file, dataDir, mqttPort, httpPort, token };
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function runCli(args: readonly string[], cwd: string): Promise<CliResult> {
  const env = { ...process.env, INIT_CWD: cwd };
  const child = spawn(process.execPath, [cli, ...args], { env });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (out.stdout += String(data)));
  child.stderr.on('data', (data) => (out.stderr += String(data)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...out };
}

export interface RunningGateway {
  readonly child: ChildProcess;
  /** Ends it with a signal; resolves with how it ended. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  health(): Promise<{ status: string; intake: { state: string; backlog: number } }>;
}

/** Starts a gateway; resolves when it accepts devices and answers questions. */
export async function startGateway(
  setup: GatewaySetup,
  {
    nodeFlags = [],
    env = {},
  }: { readonly nodeFlags?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<RunningGateway> {
  const args = [...nodeFlags, cli, '--config', setup.file, '--log-level', 'warn'];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let log = '';
  child.stderr.on('data', (data) => (log += String(data)));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  onTestFinished(() => void child.kill('SIGKILL'));
  const health = async () => {
    const answer = await fetch(`http://127.0.0.1:${setup.httpPort}/health`);
    return (await answer.json()) as Awaited<ReturnType<RunningGateway['health']>>;
  };
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the gateway ended: ${log}`);
    return await health().then(
      () => true,
      () => false,
    );
  });
  return {
    child,
    async end(signal) {
      child.kill(signal);
      const [code, by] = await ended;
      return by ?? code;
    },
    health,
  };
}
