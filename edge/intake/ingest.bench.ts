/**
 * How much a gateway takes in: 200 MQTT connections, QoS 1, 300 bytes, one tag a message, through
 * decode, observe and journal, next to Mosquitto and plain aedes, neither of which keeps anything.
 *
 * Ratios are messages per second of server CPU time, all threads, at window 1: wall-clock ratios
 * flatter the slower server. A message counts once its event is journalled, and the time until the
 * intake backlog is empty is the server's. Sealing of raw evidence rests under such a load and is
 * not in these figures: `npm run bench -- evidence` has what it costs.
 */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { Fault } from '#contracts/fault.ts';
import { BenchGateway, readersOf, type MqttUser } from '../testing/bench/bench-gateway.ts';
import { benchFolder, runBenchParts, say, type Figures } from '../testing/bench/bench-parts.ts';
import { BenchProcess, until } from '../testing/bench/bench-process.ts';
import type { LoadPlan, LoadResult } from '../testing/bench/load-plan.ts';
import { cpuSeconds, peakRssMb } from '../testing/bench/process-cost.ts';
import { quantile } from '../testing/bench/quantile.ts';
import { runLoad } from '../testing/bench/run-load.ts';
import { freePort } from '#contracts/testing/free-port.ts';

const connections = 200;
const tags = 60_000;
const rounds = 5;
const secondsPerRound = 4;
const openLoopSeconds = 20;

/** The same for all servers; at the gateway every reader has a zone, so that every message moves its tag. */
const users: readonly MqttUser[] = readersOf({ readers: connections });

interface Server {
  readonly name: string;
  readonly running: BenchProcess;
  readonly port: number;
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

async function startAedes(folder: string): Promise<Server> {
  const port = await freePort();
  const script = new URL('../testing/bench/plain-aedes.ts', import.meta.url).pathname;
  return startPeer('aedes', port, process.execPath, [script, `${port}`], folder);
}

async function startMosquitto(folder: string): Promise<Server> {
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  const config = `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type error\n`;
  writeFileSync(file, config);
  return startPeer('mosquitto', port, 'mosquitto', ['-c', file], folder);
}

async function startPeer(
  name: string,
  port: number,
  command: string,
  args: readonly string[],
  folder: string,
): Promise<Server> {
  const running = new BenchProcess(command, args, join(folder, `${name}.log`));
  await until(() => {
    running.checkAlive();
    return canConnect(port);
  }, `${name} listens`);
  return { name, running, port, sentPerLane: 0 };
}

async function startGateway(folder: string): Promise<Server> {
  const gateway = await BenchGateway.setUp({
    dir: join(folder, 'gateway'),
    site: 'bench',
    id: 'bench-1',
    hubServer: `nats://127.0.0.1:${await freePort()}`,
    hubPublicKey: Buffer.alloc(32, 1).toString('base64'),
    readers: connections,
    sensors: 0,
  });
  const running = await gateway.startUp();
  const journalled = async () => {
    let seq = 0;
    await until(async () => {
      running.checkAlive();
      const health = await gateway.health();
      seq = health?.journal.seq ?? 0;
      return health?.intake.backlog === 0;
    }, 'the intake backlog is empty');
    return seq;
  };
  return { name: 'holdfast', running, port: gateway.mqttPort, sentPerLane: 0, journalled };
}

function canConnect(port: number): Promise<boolean> {
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
  const { pid } = server.running;
  const seqBefore = (await server.journalled?.()) ?? 0;
  let cpuBefore = 0;
  let startedAt = 0;
  const { port, sentPerLane: firstMessage } = server;
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

function show(server: Server, window: number, round: Round): void {
  const bound = round.load.cpuShare > 0.9 ? ', generatorBound' : '';
  say(
    `${server.name.padEnd(10)} window ${String(window).padStart(2)}: ` +
      `${Math.round(round.perCpuSecond)} msg per CPU second, ${Math.round(round.perSecond)} msg/s, ` +
      `generator ${Math.round(round.load.cpuShare * 100)} % of a core${bound}`,
  );
}

async function ingest(): Promise<Figures> {
  const folder = benchFolder();
  const [mosquitto, aedes, gateway] = [
    await startMosquitto(folder),
    await startAedes(folder),
    await startGateway(folder),
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
  const rate = quantile(wall, 0.5);
  const ratePerSecond = Math.round(rate * 0.7);
  const open = await runRound(gateway, { window: 1, seconds: openLoopSeconds, ratePerSecond });
  say(
    `holdfast   open loop at ${ratePerSecond} msg/s: PUBACK p50 ${open.load.p50Ms.toFixed(1)} ms, p99 ${open.load.p99Ms.toFixed(1)} ms`,
  );
  const median = (server: Server) => quantile(perCpu.get(server) ?? [], 0.5);
  return {
    ratioToMosquitto: median(gateway) / median(mosquitto),
    ratioToAedes: median(gateway) / median(aedes),
    messagesPerSecond: rate,
    pubackP99Ms: open.load.p99Ms,
    rssMb: peakRssMb(gateway.running.pid),
  };
}

const figures = ['ratioToMosquitto', 'ratioToAedes', 'messagesPerSecond', 'pubackP99Ms', 'rssMb'];
await runBenchParts(process.argv.slice(2), { all: { figures, run: ingest } });
