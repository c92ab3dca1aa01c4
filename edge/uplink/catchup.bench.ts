/**
 * How fast a gateway's backlog of a million events reaches the hub, and what others notice of it.
 *
 * `drain`: gateway A brings a million events (70 % presence, 30 % stock events of two or four
 * lines) while gateway B works on and A's own climate alerts open and close. All processes are the
 * real ones and share this machine. Times are those of one clock.
 * `memory`: the most memory a gateway takes with a million events to bring, and with ten thousand.
 */
import Sqlite from 'better-sqlite3';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertRow } from '#contracts/api/fleet-api.ts';
import { BenchDevice, climateReport, tagReport } from '../testing/bench/bench-device.ts';
import { bridgeUser, firstReader, type BenchGateway } from '../testing/bench/bench-gateway.ts';
import { runBenchParts, say, type Figures } from '../testing/bench/bench-parts.ts';
import { until, type BenchProcess } from '../testing/bench/bench-process.ts';
import { BenchStack, startBehind } from '../testing/bench/bench-stack.ts';
import type { HubSession } from '../testing/bench/hub-session.ts';
import { cpuSeconds, peakRssMb } from '../testing/bench/process-cost.ts';
import { quantile } from '../testing/bench/quantile.ts';

const backlogEvents = 1_000_000;
const fewEvents = 10_000;
const pollMs = 50;
const freshEveryMs = 50;
/** What readers bring at the reference site on average (800/s). */
const liveEveryMs = 1.25;
const sensors = 4;
/** Each sensor goes out of its limit once in this time. */
const alertEveryMs = 2_400;
const warmUpMs = 3_000;

/** Committed positions as the hub shows them, by the time at which the answer was there. */
interface Poll {
  readonly atMs: number;
  readonly committed: ReadonlyMap<string, number>;
}

/** Looks at the fleet again and again, as the console does. */
class FleetWatch {
  readonly polls: Poll[] = [];
  readonly #session: HubSession;
  /** When each alert was first shown, by its name and time of opening. */
  readonly #shown = new Map<string, number>();
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(session: HubSession) {
    this.#session = session;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  committed(gateway: string): number {
    return this.polls.at(-1)?.committed.get(gateway) ?? 0;
  }

  shownAt(sensor: number, openedAtMs: number): number | undefined {
    return this.#shown.get(`cold-sensor-${sensor}@${openedAtMs}`);
  }

  async #run(): Promise<void> {
    for (let next = performance.now(); !this.#stopped; next += pollMs) {
      await sleep(Math.max(0, next - performance.now()));
      const { gateways, alerts } = await this.#session.fleet();
      const atMs = Date.now();
      const committed = new Map(gateways.map((row) => [row.gateway, row.committedSeq]));
      this.polls.push({ atMs, committed });
      for (const alert of alerts) this.#note(alert, atMs);
    }
  }

  #note({ type, zone, open, openedAt }: AlertRow, atMs: number): void {
    const key = `${zone ?? ''}@${openedAt}`;
    if (type === 'excursion' && open && !this.#shown.has(key)) this.#shown.set(key, atMs);
  }
}

/** Runs something at a steady pace until it is told to stop. */
function steadily(everyMs: number, what: (turn: number) => Promise<void>) {
  const stopping = new AbortController();
  const pending = new Set<Promise<void>>();
  const loop = async () => {
    const startedAt = performance.now();
    for (let turn = 0; !stopping.signal.aborted; turn += 1) {
      await sleep(Math.max(0, startedAt + turn * everyMs - performance.now()));
      const done = what(turn).catch(() => {});
      pending.add(done);
      void done.then(() => pending.delete(done));
    }
    await Promise.all(pending);
  };
  const running = loop();
  return async () => {
    stopping.abort();
    await running;
  };
}

interface Opened {
  readonly sensor: number;
  readonly atMs: number;
}

/** One sensor after the other leaves its limit, and comes back half a period later. */
function raiseAlerts(bridge: BenchDevice, opened: Opened[]) {
  return steadily(alertEveryMs / (2 * sensors), async (turn) => {
    const sensor = turn % sensors;
    const tooWarm = Math.floor(turn / sensors) % 2 === 0;
    const atMs = Date.now();
    if (tooWarm) opened.push({ sensor, atMs });
    await bridge.publish(climateReport(tooWarm ? 12 : 4, atMs), `/sensor-${sensor}`);
  });
}

/** Times of receipt at the gateway of all its events that the hub has, by sequence number. */
function receivedAt(database: string, gateway: string): { seq: number; receivedAtMs: number }[] {
  const db = new Sqlite(database, { readonly: true });
  try {
    return db
      .prepare<[string], { seq: number; receivedAtMs: number }>(
        'SELECT seq, received_at AS receivedAtMs FROM journal_event WHERE gateway = ? ORDER BY seq',
      )
      .all(gateway);
  } finally {
    db.close();
  }
}

/** From receipt at the gateway until the hub shows the event as committed, per event. */
function freshDelays(
  events: readonly { seq: number; receivedAtMs: number }[],
  polls: readonly Poll[],
  gateway: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): number[] {
  const delays: number[] = [];
  let poll = 0;
  for (const { seq, receivedAtMs } of events) {
    while (poll < polls.length && (polls[poll]?.committed.get(gateway) ?? 0) < seq) poll += 1;
    const seen = polls[poll];
    if (seen === undefined) break;
    if (receivedAtMs >= fromMs && receivedAtMs <= toMs) delays.push(seen.atMs - receivedAtMs);
  }
  return delays;
}

async function drain(): Promise<Figures> {
  const installation = await startBehind(backlogEvents, 'fresh', { sensors });
  const { stack, behind, peer: fresh, nats, hub } = installation;
  const freshGateway = await fresh.startUp();
  const watch = new FleetWatch(await stack.signIn());
  watch.start();
  const reader = new BenchDevice(fresh.mqttPort, firstReader());
  await reader.connected();
  const stopReader = steadily(freshEveryMs, (turn) => reader.publish(tagReport(turn, Date.now())));
  await until(() => watch.committed('fresh') > 10, 'the fresh gateway commits');
  await sleep(warmUpMs);

  const processes = { nats, hub, behind: behind.start(), fresh: freshGateway };
  const cpuBefore = cpuOf(processes);
  const bridge = new BenchDevice(behind.mqttPort, bridgeUser, 100);
  const opened: Opened[] = [];
  const stopAlerts = raiseAlerts(bridge, opened);
  await until(
    () => {
      for (const one of Object.values(processes)) one.checkAlive();
      return watch.committed('behind') >= backlogEvents;
    },
    'the backlog is committed',
    { everyMs: 100, withinMs: 400_000 },
  );
  const cpu = cpuOf(processes);
  const toMs = Date.now();
  await stopAlerts();
  await sleep(warmUpMs);
  await Promise.all([stopReader(), watch.stop()]);

  const started = watch.polls.find(({ committed }) => (committed.get('behind') ?? 0) > 0);
  const ended = watch.polls.find(
    ({ committed }) => (committed.get('behind') ?? 0) >= backlogEvents,
  );
  if (started === undefined || ended === undefined) throw new Error('no drain was seen');
  const events = (ended.committed.get('behind') ?? 0) - (started.committed.get('behind') ?? 0);
  const seconds = (ended.atMs - started.atMs) / 1000;
  const window = { fromMs: started.atMs, toMs: ended.atMs };
  const delays = freshDelays(receivedAt(stack.hubDatabase, 'fresh'), watch.polls, 'fresh', window);
  const alerts = opened
    .filter(({ atMs }) => atMs >= window.fromMs && atMs <= window.toMs)
    .map(({ sensor, atMs }) => (watch.shownAt(sensor, atMs) ?? toMs + 60_000) - atMs);
  say(`drained ${events} events in ${seconds.toFixed(1)} s`);
  for (const name of ['nats', 'hub', 'behind', 'fresh'] as const) {
    const used = cpu[name] - cpuBefore[name];
    say(`  ${name}: ${((used / events) * 1e6).toFixed(1)} µs of CPU per event`);
  }
  sayDelays('fresh events, receipt to commit', delays);
  sayDelays('alerts, reading to fleet', alerts);
  await Promise.all([reader.stop(), bridge.stop()]);
  for (const one of [processes.fresh, processes.behind, hub, nats]) await one.end('SIGTERM');
  return {
    eventsPerSecond: events / seconds,
    freshCommitP99Ms: quantile(delays, 0.99),
    nowFactP99Ms: quantile(alerts, 0.99),
  };
}

function cpuOf<N extends string>(processes: Record<N, BenchProcess>): Record<N, number> {
  const entries = Object.entries<BenchProcess>(processes).map(([name, { pid }]) => {
    return [name, cpuSeconds(pid)] as const;
  });
  return Object.fromEntries(entries) as Record<N, number>;
}

function sayDelays(what: string, delays: readonly number[]): void {
  const at = (of: number) => `${Math.round(quantile(delays, of))} ms`;
  say(`${what}: ${delays.length} times, p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`);
}

/** The collector's moments differ from run to run: the middle one of three counts. */
async function memory(): Promise<Figures> {
  const ratios: number[] = [];
  while (ratios.length < 3) ratios.push(await memoryRatio());
  return { rssRatio: quantile(ratios, 0.5) };
}

async function memoryRatio(): Promise<number> {
  const stack = await BenchStack.setUp();
  const many = await stack.addGateway('many', { readers: 1 });
  const few = await stack.addGateway('few', { readers: 1 });
  many.fillJournal(backlogEvents);
  few.fillJournal(fewEvents);
  const nats = stack.startNats();
  const hub = await stack.startUpHub();
  const startedAt = performance.now();
  const manyMb = await peakOf(many, backlogEvents, 0);
  const ranMs = performance.now() - startedAt;
  const fewMb = await peakOf(few, fewEvents, ranMs);
  say(
    `peak RSS: ${manyMb.toFixed(1)} MB with ${backlogEvents} events, ${fewMb.toFixed(1)} MB with ${fewEvents}`,
  );
  await hub.end('SIGTERM');
  await nats.end('SIGTERM');
  return manyMb / fewMb;
}

/** Lets a gateway bring what it has, while its reader goes on; both run equally long. */
async function peakOf(gateway: BenchGateway, events: number, atLeastMs: number): Promise<number> {
  const startedAt = performance.now();
  const running = await gateway.startUp();
  const reader = new BenchDevice(gateway.mqttPort, firstReader());
  await reader.connected();
  const stopReader = steadily(liveEveryMs, (turn) => reader.publish(tagReport(turn, Date.now())));
  await gateway.untilCommitted(events, [running]);
  await sleep(Math.max(0, startedAt + atLeastMs - performance.now()));
  await stopReader();
  await reader.stop();
  const mb = peakRssMb(running.pid);
  await running.end('SIGTERM');
  return mb;
}

await runBenchParts(process.argv.slice(2), {
  drain: { figures: ['eventsPerSecond', 'freshCommitP99Ms', 'nowFactP99Ms'], run: drain },
  memory: { figures: ['rssRatio'], run: memory },
});
