import process from 'node:process';
import { demoFaults } from '../run/fault-plan.ts';
import { injectFaults } from '../run/inject-faults.ts';
import { seedOption, type CommandSpec } from '../run/command-help.ts';
import { countedLines } from '../run/counted-words.ts';
import { readCommandLine, runCommandLine, runFolder } from '../run/run-main.ts';
import { sayVerdict, ShownRun } from '../run/shown-run.ts';

/**
 * `npm run demo`: two warehouses on real processes, with outages, until ctrl-C. With
 * `--seconds N --check` it ends by itself, compares everything and prints one JSON line last.
 */
const command: CommandSpec = {
  name: 'demo',
  does: `nats-server, hub, gateways and simulated devices on this machine, with outages and crashes, until
ctrl-C. Prints the console's address and a sign-in made for it. World and ledger are compared every
quarter of a minute, and with --check at the end once more, all of it.`,
  options: {
    seconds: {
      type: 'number',
      min: 20,
      max: 86_400,
      otherwise: 60,
      does: 'length of a round; if given, end after one',
    },
    check: { type: 'flag', does: 'end after one round, compare all, print one JSON line' },
    sites: { type: 'number', min: 1, max: 8, otherwise: 2, does: 'warehouses, a gateway each' },
    readers: { type: 'number', min: 4, max: 40, otherwise: 4, does: 'readers at each site' },
    rate: { type: 'number', min: 1, max: 2000, otherwise: 60, does: 'tag reads/s at each site' },
    seed: seedOption,
  },
  counted: countedLines(),
  exits: {
    0: 'ended, also by ctrl-C; with --check: nothing differs',
    1: 'something differs or did not start',
  },
};
const read = readCommandLine(command);
const { numbers, flags, given } = read;
const { seconds = 60, sites = 2, readers = 4, rate = 60, seed = 1 } = numbers;

async function main(signal: AbortSignal): Promise<number> {
  const dir = runFolder('demo');
  const endless = !flags.has('check') && !given.has('seconds');
  const shown = await ShownRun.start({ dir, sites, readers, rate, seed, endless });
  const { run } = shown;
  const faults = demoFaults(
    seconds,
    run.stack.sites.map(({ layout }) => layout.site),
  );
  try {
    await injectFaults(run, faults, seconds, signal);
    if (flags.has('check')) return await report(shown, signal);
    if (given.has('seconds')) return 0;
    for (;;) await injectFaults(run, faults, seconds, signal);
  } catch (error) {
    // What goes on until ctrl-C has come to its end.
    if (signal.aborted && !flags.has('check')) return 0;
    throw error;
  } finally {
    shown.view.say('· stopping');
    await shown.stop();
  }
}

async function report(shown: ShownRun, signal: AbortSignal): Promise<number> {
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

await runCommandLine(command, read.faults, main);
