import process from 'node:process';
import { demoFaults } from '../run/fault-plan.ts';
import { injectFaults } from '../run/inject-faults.ts';
import { readArguments } from '../run/read-arguments.ts';
import { interruption, refuseArguments, runFolder, sayVerdict, ShownRun } from '../run/run-main.ts';

/**
 * `npm run demo`: two warehouses on real processes, with outages, until ctrl-C. With
 * `--seconds N --check` it ends by itself, compares everything and prints one JSON line last.
 */
const read = readArguments(process.argv.slice(2), {
  seconds: { type: 'number', min: 20, max: 86_400, otherwise: 60 },
  check: { type: 'flag' },
  sites: { type: 'number', min: 1, max: 8, otherwise: 2 },
  readers: { type: 'number', min: 4, max: 40, otherwise: 4 },
  rate: { type: 'number', min: 1, max: 2000, otherwise: 60 },
  seed: { type: 'number', min: 0, max: 2_147_483_647, otherwise: 1 },
});
if (read.faults.length > 0) refuseArguments('demo', read.faults);
const { numbers, flags, given } = read;
const { seconds = 60, sites = 2, readers = 4, rate = 60, seed = 1 } = numbers;
const roundCheckMs = 1000;

const signal = interruption();
const dir = runFolder('demo');

async function main(): Promise<number> {
  const shown = await ShownRun.start({ dir, sites, readers, rate, seed });
  const { run } = shown;
  const faults = demoFaults(
    seconds,
    run.stack.sites.map(({ layout }) => layout.site),
  );
  try {
    await injectFaults(run, faults, seconds, signal);
    if (flags.has('check')) return await report(shown);
    if (given.has('seconds')) return 0;
    for (;;) {
      await checkRound(shown);
      await injectFaults(run, faults, seconds, signal);
    }
  } catch (error) {
    if (signal.aborted) return flags.has('check') ? 130 : 0;
    throw error;
  } finally {
    shown.view.say('· stopping');
    await shown.stop();
  }
}

/** After each round of faults, while everything goes on. */
async function checkRound(shown: ShownRun): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, roundCheckMs));
  const verdict = await shown.run.checkSoFar();
  shown.noteCheck(verdict);
  sayVerdict(shown, verdict);
}

async function report(shown: ShownRun): Promise<number> {
  const { verdict, status } = await shown.finish(signal);
  const whole = sayVerdict(shown, verdict);
  process.stdout.write(
    `${JSON.stringify({
      events: status.made,
      covered: status.covered,
      uncovered: status.uncovered,
      misread: status.misread,
      lost: verdict.lost,
      doubled: verdict.doubled,
      chain: verdict.chain,
      outages: status.outages,
      restarts: status.restarts,
    })}\n`,
  );
  return whole ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
// Sockets of simulated devices that linger must not keep a finished demo alive.
process.exit();
