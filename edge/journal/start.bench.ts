/**
 * From the start of a process to its first committed event, fresh and after a SIGKILL in the middle
 * of its work with a million events on disk. The worst of all starts is the figure.
 *
 * `gateway`: until a device's QoS 1 message, sent by a client that dials until somebody answers, is
 * in the journal. The killed one has a million events or more, 60,000 resident tags, 200 readers, no
 * hub.
 * `hub`: until an event that waited at a live gateway is under the hub's signed receipt. The killed
 * one has applied a million events and was taking in more.
 */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchDevice, tagReport } from '../testing/bench/bench-device.ts';
import { firstReader, readersOf, type BenchGateway } from '../testing/bench/bench-gateway.ts';
import { runBenchParts, say, type Figures } from '../testing/bench/bench-parts.ts';
import { until, type BenchProcess } from '../testing/bench/bench-process.ts';
import { BenchStack, startBehind } from '../testing/bench/bench-stack.ts';
import { runLoad } from '../testing/bench/run-load.ts';

const journalEvents = 1_000_000;
const tags = 60_000;
const readers = 200;
const rounds = 3;
const dialMs = 50;
/** Long enough that a gateway without a hub asks as rarely as it ever does. */
const hubAwayMs = 8_000;
const pollMs = 10;

let tag = 1_000_000_000;

/** A report of a tag that nobody has seen: one event. */
function newTag(): string {
  tag += 1;
  return tagReport(tag, Date.now());
}

async function gateway(): Promise<Figures> {
  const stack = await BenchStack.setUp();
  const fresh: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const empty = await stack.addGateway(`fresh-${round}`, { readers });
    const { seconds, running } = await startGateway(empty);
    fresh.push(seconds);
    await running.end('SIGKILL');
  }
  const killed = await killedGateway(await stack.addGateway('full', { readers }));
  sayStarts('gateway, fresh', fresh);
  sayStarts(`gateway with ${journalEvents} events, after SIGKILL`, killed);
  return { gatewayStartS: Math.max(...fresh, ...killed) };
}

async function killedGateway(full: BenchGateway): Promise<number[]> {
  full.fillJournal(journalEvents);
  let running = await full.startUp();
  const load = { users: readersOf({ readers }), port: full.mqttPort, window: 10, firstMessage: 0 };
  const { acked } = await runLoad({ ...load, tags, seconds: 12 });
  say(`${acked} messages of ${tags} tags taken in`);
  const starts: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await killMidStream(full, running);
    const started = await startGateway(full);
    starts.push(started.seconds);
    running = started.running;
  }
  await running.end('SIGKILL');
  return starts;
}

/** Every reader sends at once; the gateway dies when it has taken a part of that. */
async function killMidStream(gateway: BenchGateway, running: BenchProcess): Promise<void> {
  const devices = readersOf({ readers: 20 }).map((user) => new BenchDevice(gateway.mqttPort, user));
  await Promise.all(devices.map((device) => device.connected()));
  const before = (await gateway.health())?.journal.seq ?? 0;
  let sent = 0;
  for (const device of devices) {
    for (let message = 0; message < 500; message += 1) {
      sent += 1;
      device.publish(newTag()).catch(() => {});
    }
  }
  await until(
    async () => ((await gateway.health())?.journal.seq ?? 0) > before + sent / 4,
    'events',
  );
  await running.end('SIGKILL');
  await Promise.all(devices.map((device) => device.stop()));
}

async function startGateway(
  of: BenchGateway,
): Promise<{ readonly seconds: number; readonly running: BenchProcess }> {
  const device = new BenchDevice(of.mqttPort, firstReader(), dialMs);
  const startedAt = performance.now();
  const running = of.start();
  await device.publish(newTag());
  const journalled = async () => {
    running.checkAlive();
    return (await of.health())?.intake.backlog === 0;
  };
  await until(journalled, 'the message is journalled', { everyMs: pollMs });
  const seconds = (performance.now() - startedAt) / 1000;
  await device.stop();
  return { seconds, running };
}

async function hub(): Promise<Figures> {
  const fresh: number[] = [];
  for (let round = 0; round < rounds; round += 1) fresh.push(await freshHub());
  const killed = await killedHub();
  sayStarts('hub, fresh', fresh);
  sayStarts(`hub with ${journalEvents} events applied, after SIGKILL`, killed);
  return { hubStartS: Math.max(...fresh, ...killed) };
}

async function freshHub(): Promise<number> {
  const stack = await BenchStack.setUp();
  const live = await stack.addGateway('live');
  const nats = stack.startNats();
  const gatewayProcess = await live.startUp();
  await sleep(hubAwayMs);
  const started = await startHub(stack, live);
  for (const one of [started.running, gatewayProcess, nats]) await one.end('SIGKILL');
  return started.seconds;
}

async function killedHub(): Promise<number[]> {
  // More than a million, so that the hub is in the middle of it each time it is killed.
  const events = journalEvents + rounds * 100_000;
  const { stack, behind, peer: live, nats, hub } = await startBehind(events, 'live');
  let running = hub;
  const others = [await live.startUp(), await behind.startUp(), nats];
  const starts: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await behind.untilCommitted(journalEvents + round * 50_000, [running, ...others]);
    await running.end('SIGKILL');
    await publishOne(live);
    await sleep(hubAwayMs);
    const started = await startHub(stack, live);
    starts.push(started.seconds);
    running = started.running;
  }
  for (const one of [running, ...others]) await one.end('SIGKILL');
  return starts;
}

/** Something for the hub to commit of a gateway that is otherwise at peace. */
async function publishOne(of: BenchGateway): Promise<void> {
  const device = new BenchDevice(of.mqttPort, firstReader(), dialMs);
  await device.publish(newTag());
  await device.stop();
}

async function startHub(
  stack: BenchStack,
  live: BenchGateway,
): Promise<{ readonly seconds: number; readonly running: BenchProcess }> {
  const { journal, uplink } = (await live.health()) ?? {};
  if (journal === undefined || uplink === undefined || uplink.backlogEvents === 0) {
    throw new Error('nothing waits at the live gateway');
  }
  const before = journal.seq - uplink.backlogEvents;
  const startedAt = performance.now();
  const running = stack.startHub();
  const committed = async () => {
    running.checkAlive();
    return ((await live.committedSeq()) ?? 0) > before;
  };
  await until(committed, 'the hub commits', { everyMs: pollMs });
  return { seconds: (performance.now() - startedAt) / 1000, running };
}

function sayStarts(what: string, seconds: readonly number[]): void {
  say(`${what}: ${seconds.map((one) => `${one.toFixed(2)} s`).join(', ')}`);
}

await runBenchParts(process.argv.slice(2), {
  gateway: { figures: ['gatewayStartS'], run: gateway },
  hub: { figures: ['hubStartS'], run: hub },
});
