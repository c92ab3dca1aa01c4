import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../prng.ts';
import { readArguments } from '../run/read-arguments.ts';
import { interruption, refuseArguments, runFolder, sayVerdict, ShownRun } from '../run/run-main.ts';
import { killInWaves, type Target } from './kill-waves.ts';

/**
 * `npm run kills`: SIGKILL of gateway, hub and nats-server at random moments under load, each
 * `--count` times, in waves that begin once events flow; every fifth time nats-server loses its
 * store as well. Then everything is compared.
 */
const read = readArguments(process.argv.slice(2), {
  count: { type: 'number', min: 1, max: 10_000, otherwise: 10 },
  seed: { type: 'number', min: 0, max: 2_147_483_647, otherwise: 1 },
  rate: { type: 'number', min: 1, max: 2000, otherwise: 60 },
});
if (read.faults.length > 0) refuseArguments('kills', read.faults);
const { count = 10, seed = 1, rate = 60 } = read.numbers;
const wipeEvery = 5;
const flowWithinMs = 60_000;
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
  const processes = {
    gateway: site.gateway,
    hub: run.stack.hub.process,
    nats: run.stack.nats,
  };
  const targets = (['gateway', 'hub', 'nats'] as const).map((name): Target => {
    const target: Target = {
      process: processes[name],
      random: createRandom(seed, `kills/${name}`),
      onKill(done) {
        kills[name] = done;
        if (done % 10 === 0) view.say(`· ${name} killed ${done} of ${count} times`);
      },
    };
    if (name !== 'nats') return target;
    // The stream is a cache of the wire: now and then its files go with the process.
    const meanwhile = (done: number) => {
      if (done % wipeEvery === 0) run.stack.wipeNatsStore();
    };
    return { ...target, meanwhile };
  });
  await killInWaves({ targets, count, flowing: flowOf(run) }, signal);
  return kills;
}

/** Waits until the hub has receipted more than when it was last asked. */
function flowOf(run: ShownRun['run']): () => Promise<void> {
  let receipted = 0;
  return async () => {
    const deadline = performance.now() + flowWithinMs;
    for (;;) {
      const [gateway] = (await run.status()).gateways;
      if (gateway?.up === true && gateway.uplink !== 'away') {
        const committed = gateway.committed ?? 0;
        if (committed > receipted) {
          receipted = committed;
          return;
        }
      }
      if (performance.now() > deadline) {
        throw new Error(`no event reached the hub for ${flowWithinMs / 1000} s`);
      }
      await sleep(100, undefined, { signal });
    }
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`kills: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.exit();
