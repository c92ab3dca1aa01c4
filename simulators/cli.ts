import { resolve } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeviceRun, readGateways, type GivenGateway } from './run/device-run.ts';
import { outageFaults } from './run/fault-plan.ts';
import { injectFaults } from './run/inject-faults.ts';
import { readArguments, readOutages, type OutagePlan } from './run/read-arguments.ts';
import { interruption, refuseArguments, runFolder, sayVerdict, ShownRun } from './run/run-main.ts';

/**
 * `npm run simulate`: a seeded world for a while, with outages as planned. Alone it starts hub,
 * NATS and gateways of its own and checks them at the end; with `--gateway FILE` it is the devices
 * of gateways that run already. One JSON line on stdout at the end.
 */
const read = readArguments(process.argv.slice(2), {
  sites: { type: 'number', min: 1, max: 20, otherwise: 2 },
  readers: { type: 'number', min: 1, max: 40, otherwise: 4 },
  rate: { type: 'number', min: 1, max: 4000, otherwise: 100 },
  seconds: { type: 'number', min: 1, max: 86_400, otherwise: 60 },
  seed: { type: 'number', min: 0, max: 2_147_483_647, otherwise: 1 },
  outage: { type: 'text' },
  gateway: { type: 'text', many: true },
});
const { numbers, texts, given } = read;
const faults = [...read.faults];
const { sites = 2, readers = 4, rate = 100, seconds = 60, seed = 1 } = numbers;
const outages = plannedOutages();
const gateways = givenGateways();
if (faults.length > 0) refuseArguments('simulate', faults);
const signal = interruption();

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
async function simulateDevices(): Promise<number> {
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
async function simulateAll(): Promise<number> {
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

try {
  process.exitCode = await (gateways.length > 0 ? simulateDevices() : simulateAll());
} catch (error) {
  if (!signal.aborted) {
    process.stderr.write(`simulate: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  process.exitCode = signal.aborted ? 130 : 1;
}
process.exit();
