import { resolve } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedOption, type CommandSpec } from './run/command-help.ts';
import { countedLines } from './run/counted-words.ts';
import { DeviceRun, readGateways, type GivenGateway } from './run/device-run.ts';
import { outageFaults } from './run/fault-plan.ts';
import { injectFaults } from './run/inject-faults.ts';
import { readOutages, type OutagePlan } from './run/read-arguments.ts';
import { readCommandLine, runCommandLine, runFolder } from './run/run-main.ts';
import { sayVerdict, ShownRun } from './run/shown-run.ts';

/**
 * `npm run simulate`: a seeded world for a while, with outages as planned. Alone it starts hub,
 * NATS and gateways of its own and checks them at the end; with `--gateway FILE` it is the devices
 * of gateways that run already. One JSON line on stdout at the end.
 */
const command: CommandSpec = {
  name: 'simulate',
  does: `A seeded world for a while, with outages as planned. Alone it starts hub, nats-server and gateways
of its own and compares everything at the end; with --gateway it is the devices of gateways that run
already, with the topics and passwords of their config files. One JSON line comes last.`,
  options: {
    sites: { type: 'number', min: 1, max: 20, otherwise: 2, does: 'warehouses, a gateway each' },
    readers: { type: 'number', min: 1, max: 40, otherwise: 4, does: 'readers at each site' },
    rate: { type: 'number', min: 1, max: 4000, otherwise: 100, does: 'tag reads/s at each site' },
    seconds: { type: 'number', min: 1, max: 86_400, otherwise: 60, does: 'how long' },
    outage: { type: 'text', value: 'FROM-TO,…', does: 'seconds in which the links are cut' },
    gateway: { type: 'text', value: 'FILE', many: true, does: 'config of a gateway that runs' },
    seed: seedOption,
  },
  counted: countedLines(),
  exits: {
    0: 'nothing differs; with --gateway: all was acknowledged',
    1: 'something differs, waits or did not start',
  },
};
const read = readCommandLine(command);
const { numbers, texts, given } = read;
const faults = [...read.faults];
const { sites = 2, readers = 4, rate = 100, seconds = 60, seed = 1 } = numbers;
const outages = plannedOutages();
const gateways = givenGateways();

function plannedOutages(): readonly OutagePlan[] {
  const [text] = texts['outage'] ?? [];
  const planned = text === undefined ? [] : readOutages(text, seconds);
  if (typeof planned !== 'string') return planned;
  faults.push(`--outage: ${planned}`);
  return [];
}

function givenGateways(): readonly GivenGateway[] {
  // npm changes to the package's folder; paths count from where the person is.
  const from = process.env['INIT_CWD'] ?? process.cwd();
  const files = (texts['gateway'] ?? []).map((file) => resolve(from, file));
  for (const name of files.length === 0 ? [] : ['sites', 'readers']) {
    if (given.has(name)) faults.push(`--${name}: the config files of --gateway say that already`);
  }
  const found = readGateways(files);
  if (found.ok) return found.gateways;
  faults.push(...found.faults.map((fault) => `--gateway: ${fault}`));
  return [];
}

/** Devices against gateways that run already. */
async function simulateDevices(signal: AbortSignal): Promise<number> {
  const run = await DeviceRun.start(gateways, { rate, seed });
  const say = () => process.stderr.write(`${JSON.stringify(run.result())}\n`);
  const progress = setInterval(say, 5000);
  try {
    const startMs = performance.now();
    const until = (atS: number) =>
      sleep(Math.max(0, startMs + atS * 1000 - performance.now()), undefined, { signal });
    for (const { fromS, toS } of outages) {
      await until(fromS);
      run.cut();
      await until(toS);
      run.heal();
    }
    await until(seconds);
    await run.drain(60_000, signal);
    const result = run.result();
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return result.waiting === 0 ? 0 : 1;
  } finally {
    clearInterval(progress);
    await run.stop();
  }
}

/** Everything, from the devices to the hub, in processes of its own. */
async function simulateAll(signal: AbortSignal): Promise<number> {
  const shown = await ShownRun.start({ dir: runFolder('simulate'), sites, readers, rate, seed });
  try {
    const names = shown.run.stack.sites.map(({ layout }) => layout.site);
    await injectFaults(shown.run, outageFaults(outages, names), seconds, signal);
    const { verdict, status } = await shown.finish(signal);
    const whole = sayVerdict(shown, verdict);
    const { made: events, covered, uncovered, misread, restarts } = status;
    const { lost, doubled, chain } = verdict;
    const world = { events, covered, uncovered, misread };
    const ledger = { lost, doubled, chain, outages: status.outages, restarts };
    process.stdout.write(`${JSON.stringify({ ...world, ...ledger })}\n`);
    return whole ? 0 : 1;
  } finally {
    await shown.stop();
  }
}

await runCommandLine(command, faults, gateways.length > 0 ? simulateDevices : simulateAll);
