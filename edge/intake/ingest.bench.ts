/**
 * How much a gateway takes in: 200 MQTT connections, QoS 1, 300 bytes, one tag a message, through
 * decode, observe and journal, next to Mosquitto and plain aedes, neither of which keeps anything.
 *
 * Ratios are messages per second of server CPU time, all threads, at window 1: wall-clock ratios
 * flatter the slower server. A message counts once its event is journalled, and the time until the
 * intake backlog is empty is the server's.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Fault } from '#contracts/fault.ts';
import type { LoadPlan, LoadResult, LoadUser } from './testing/load-plan.ts';
import { cpuSeconds, nextLine, peakRssMb, pidOf, runLoad } from './testing/processes.ts';

const connections = 200;
const tags = 60_000;
const rounds = 5;
const secondsPerRound = 4;
const openLoopSeconds = 20;

interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
  readonly users: readonly LoadUser[];
  /** Messages that every connection has sent so far. */
  sentPerLane: number;
  /** Events in the journal; undefined for a peer, whose messages count when acknowledged. */
  readonly journalled?: () => Promise<number>;
}

interface Round {
  readonly load: LoadResult;
  readonly messages: number;
  readonly perCpuSecond: number;
  readonly perSecond: number;
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-ingest-'));
const children: ChildProcess[] = [];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

function usersOf(topicOf: (device: string) => string): LoadUser[] {
  return Array.from({ length: connections }, (_, index) => {
    const device = `reader-${index}`;
    return { username: device, password: `secret-${index}`, topic: topicOf(device) };
  });
}

async function startAedes(): Promise<Server> {
  const child = start(process.execPath, [
    new URL('testing/plain-aedes.ts', import.meta.url).pathname,
  ]);
  const port = Number(await nextLine(child));
  return {
    name: 'aedes',
    child,
    port,
    users: usersOf((device) => `${device}/events`),
    sentPerLane: 0,
  };
}

async function startMosquitto(): Promise<Server> {
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(
    file,
    `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type error\n`,
  );
  const child = start('/usr/sbin/mosquitto', ['-c', file]);
  await until(() => canConnect(port), 'Mosquitto listens');
  return {
    name: 'mosquitto',
    child,
    port,
    users: usersOf((device) => `${device}/events`),
    sentPerLane: 0,
  };
}

async function startGateway(): Promise<Server> {
  const [mqttPort, httpPort, hubPort] = [await freePort(), await freePort(), await freePort()];
  const users = usersOf((device) => `${device}/events`);
  const dir = join(folder, 'gateway');
  const cli = new URL('../cli.ts', import.meta.url).pathname;
  const identity = ['--dir', dir, '--site', 'bench', '--id', 'bench-1'];
  const init = start(process.execPath, [cli, 'init', ...identity]);
  await new Promise((resolve) => init.once('close', resolve));
  mkdirSync(join(dir, 'passwords'));
  for (const user of users) {
    const file = join(dir, 'passwords', user.username);
    writeFileSync(file, user.password, { mode: 0o600 });
  }
  const file = join(dir, 'bench.yaml');
  writeFileSync(file, JSON.stringify(gatewayConfig(users, mqttPort, httpPort, hubPort)));
  const child = start(process.execPath, [cli, 'run', '--config', file]);
  const health = async () => {
    const answer = await fetch(`http://127.0.0.1:${httpPort}/health`);
    return (await answer.json()) as { intake: { backlog: number }; journal: { seq: number } };
  };
  await until(async () => (await health()).intake.backlog === 0, 'the gateway is up');
  const journalled = async () => {
    await until(async () => (await health()).intake.backlog === 0, 'the intake backlog is empty');
    return (await health()).journal.seq;
  };
  return { name: 'holdfast', child, port: mqttPort, users, sentPerLane: 0, journalled };
}

/** A site where every reader has a zone of its own, so that every message moves its tag. */
function gatewayConfig(users: readonly LoadUser[], mqtt: number, http: number, hub: number) {
  return {
    gateway: { tenant: 'main', site: 'bench', id: 'bench-1' },
    dataDir: 'data',
    hub: {
      servers: [`nats://127.0.0.1:${hub}`],
      loginSeedFile: 'keys/login.seed',
      signingKeyFile: 'keys/signing.pem',
      publicKey: Buffer.alloc(32, 1).toString('base64'),
    },
    mqtt: { host: '127.0.0.1', port: mqtt, maxConnections: connections + 10 },
    http: { host: '127.0.0.1', port: http, tokenFile: 'keys/http.token' },
    disk: { intakeBudgetBytes: 2 ** 28, floorBytes: 2 ** 28, reserveBytes: 2 ** 26 },
    observe: { minReads: 1, absentAfterMs: 600_000, moveReads: 1, passWindowMs: 3000 },
    posting: { receive: 'post', move: 'post', ship: 'post', confirmReads: 3 },
    zones: users.map((user) => ({ id: `zone-${user.username}`, status: 'available' })),
    portals: [],
    devices: users.map((user) => ({
      id: user.username,
      profile: 'impinj-r700',
      zone: `zone-${user.username}`,
      mqtt: { username: user.username, passwordFile: `passwords/${user.username}` },
      buffers: true,
      silentAfterMs: 3_600_000,
    })),
  };
}

async function until(met: () => Promise<boolean>, what: string): Promise<void> {
  for (let attempt = 0; attempt < 3000; attempt += 1) {
    if (await met().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Fault('UNAVAILABLE', `gave up waiting until ${what}`);
}

async function canConnect(port: number): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

async function runRound(
  server: Server,
  plan: Pick<LoadPlan, 'window' | 'seconds' | 'ratePerSecond'>,
): Promise<Round> {
  const pid = pidOf(server.child);
  const seqBefore = (await server.journalled?.()) ?? 0;
  let cpuBefore = 0;
  let startedAt = 0;
  const { port, users, sentPerLane: firstMessage } = server;
  const load = await runLoad({ port, users, tags, firstMessage, ...plan }, () => {
    cpuBefore = cpuSeconds(pid);
    startedAt = performance.now();
  });
  server.sentPerLane += load.messagesPerLane;
  const seqAfter = await server.journalled?.();
  const seconds =
    server.journalled === undefined ? load.seconds : (performance.now() - startedAt) / 1000;
  const cpu = cpuSeconds(pid) - cpuBefore;
  const messages = seqAfter === undefined ? load.acked : Math.min(load.acked, seqAfter - seqBefore);
  if (messages < load.acked * 0.98) {
    throw new Fault(
      'UNAVAILABLE',
      `${server.name}: ${load.acked} acknowledged, ${messages} journalled`,
    );
  }
  return { load, messages, perCpuSecond: messages / cpu, perSecond: messages / seconds };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function show(server: Server, window: number, round: Round): void {
  const bound = round.load.cpuShare > 0.9 ? ', generatorBound' : '';
  say(
    `${server.name.padEnd(10)} window ${String(window).padStart(2)}: ` +
      `${Math.round(round.perCpuSecond)} msg per CPU second, ${Math.round(round.perSecond)} msg/s, ` +
      `generator ${Math.round(round.load.cpuShare * 100)} % of a core${bound}`,
  );
}

async function main(): Promise<void> {
  const [mosquitto, aedes, gateway] = [
    await startMosquitto(),
    await startAedes(),
    await startGateway(),
  ];
  const servers = [mosquitto, aedes, gateway];
  for (const server of servers) await runRound(server, { window: 1, seconds: 2 }); // warm-up
  const perCpu = new Map<Server, number[]>(servers.map((server) => [server, []]));
  const wall: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const server of servers) {
      const result = await runRound(server, { window: 1, seconds: secondsPerRound });
      show(server, 1, result);
      perCpu.get(server)?.push(result.perCpuSecond);
      if (server === gateway) wall.push(result.perSecond);
    }
  }
  for (const server of servers) {
    show(server, 10, await runRound(server, { window: 10, seconds: secondsPerRound }));
  }
  const rate = median(wall);
  const ratePerSecond = Math.round(rate * 0.7);
  const open = await runRound(gateway, { window: 1, seconds: openLoopSeconds, ratePerSecond });
  say(
    `holdfast   open loop at ${ratePerSecond} msg/s: PUBACK p50 ${open.load.p50Ms.toFixed(1)} ms, p99 ${open.load.p99Ms.toFixed(1)} ms`,
  );
  const own = median(perCpu.get(gateway) ?? []);
  const figures = {
    ratioToMosquitto: own / median(perCpu.get(mosquitto) ?? []),
    ratioToAedes: own / median(perCpu.get(aedes) ?? []),
    messagesPerSecond: rate,
    pubackP99Ms: open.load.p99Ms,
    rssMb: peakRssMb(pidOf(gateway.child)),
  };
  say(JSON.stringify({ figures }));
}

if (process.argv.includes('--describe')) {
  const figures = ['ratioToMosquitto', 'ratioToAedes', 'messagesPerSecond', 'pubackP99Ms', 'rssMb'];
  say(JSON.stringify({ parts: [{ name: 'all', figures }] }));
} else {
  try {
    await main();
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}
