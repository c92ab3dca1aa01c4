import process from 'node:process';
import { createRandom } from '../prng.ts';
import { readArguments } from '../run/read-arguments.ts';
import { interruption, refuseArguments, runFolder, sayVerdict, ShownRun } from '../run/run-main.ts';
import { killRepeatedly, type KillPlan } from './kill-loop.ts';

/**
 * `npm run kills`: SIGKILL of gateway, hub and nats-server at random moments under load, each
 * `--count` times and independently of the others; every fifth time nats-server loses its store as
 * well. Then everything is compared.
 */
const read = readArguments(process.argv.slice(2), {
  count: { type: 'number', min: 1, max: 10_000, otherwise: 200 },
  seed: { type: 'number', min: 0, max: 2_147_483_647, otherwise: 1 },
  rate: { type: 'number', min: 1, max: 2000, otherwise: 60 },
});
if (read.faults.length > 0) refuseArguments('kills', read.faults);
const { count = 200, seed = 1, rate = 60 } = read.numbers;
const wipeEvery = 5;
const signal = interruption();

async function main(): Promise<number> {
  const dir = runFolder('kills');
  const shown = await ShownRun.start({ dir, sites: 1, readers: 4, rate, seed });
  try {
    const kills = await killAll(shown);
    const { verdict } = await shown.finish(signal);
    const whole = sayVerdict(shown, verdict);
    const { lost, doubled, chain } = verdict;
    process.stdout.write(`${JSON.stringify({ kills, lost, doubled, chain })}\n`);
    return whole ? 0 : 1;
  } catch (error) {
    if (signal.aborted) return 130;
    throw error;
  } finally {
    await shown.stop();
  }
}

async function killAll({ run, view }: ShownRun) {
  const [site] = run.stack.sites;
  if (site === undefined) throw new Error('there is no gateway to kill');
  const kills = { gateway: 0, hub: 0, nats: 0 };
  const targets = { gateway: site.gateway, hub: run.stack.hub.process, nats: run.stack.nats };
  // One that fails must end the others, or the failure would be seen only after all their rounds.
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  const loops = (['gateway', 'hub', 'nats'] as const).map(async (name) => {
    try {
      const plan: KillPlan = {
        process: targets[name],
        count,
        random: createRandom(seed, `kills/${name}`),
        onKill(done) {
          kills[name] = done;
          if (done % 10 === 0) view.say(`· ${name} killed ${done} of ${count} times`);
        },
      };
      // The stream is a cache of the wire: now and then its files go with the process.
      const meanwhile = (done: number) => {
        if (done % wipeEvery === 0) run.stack.wipeNatsStore();
      };
      await killRepeatedly(name === 'nats' ? { ...plan, meanwhile } : plan, both);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  await Promise.all(loops);
  return kills;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`kills: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.exit();
