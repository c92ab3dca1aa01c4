import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../prng.ts';
import { seedOption, type CommandSpec } from '../run/command-help.ts';
import { countedLines } from '../run/counted-words.ts';
import { readCommandLine, runCommandLine, runFolder } from '../run/run-main.ts';
import { sayVerdict, ShownRun } from '../run/shown-run.ts';
import { killInWaves, type Target } from './kill-waves.ts';

/**
 * `npm run kills`: SIGKILL of gateway, hub and nats-server at random moments under load, each
 * `--count` times, in waves that begin once events flow; every fifth time nats-server loses its
 * store as well. Then everything is compared.
 */
const command: CommandSpec = {
  name: 'kills',
  does: `SIGKILL of gateway, hub and nats-server at random moments under load, in waves. Then everything
drains and is compared; one JSON line comes last.`,
  options: {
    count: { type: 'number', min: 1, max: 10_000, otherwise: 10, does: 'kills of each process' },
    rate: { type: 'number', min: 1, max: 2000, otherwise: 60, does: 'tag reads per second' },
    seed: seedOption,
  },
  counted: countedLines(),
  exits: { 0: 'nothing differs', 1: 'something differs or did not come back' },
};
const read = readCommandLine(command);
const { count = 10, seed = 1, rate = 60 } = read.numbers;
const wipeEvery = 5;
const flowWithinMs = 60_000;

async function main(signal: AbortSignal): Promise<number> {
  const dir = runFolder('kills');
  const shown = await ShownRun.start({ dir, sites: 1, readers: 4, rate, seed });
  try {
    const kills = await killAll(shown, signal);
    const { verdict } = await shown.finish(signal);
    const whole = sayVerdict(shown, verdict);
    const { lost, doubled, chain } = verdict;
    process.stdout.write(`${JSON.stringify({ kills, lost, doubled, chain })}\n`);
    return whole ? 0 : 1;
  } finally {
    await shown.stop();
  }
}

async function killAll({ run, view }: ShownRun, signal: AbortSignal) {
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
  await killInWaves({ targets, count, flowing: flowOf(run, signal) }, signal);
  return kills;
}

/** Waits until the hub has receipted more than when it was last asked. */
function flowOf(run: ShownRun['run'], signal: AbortSignal): () => Promise<void> {
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

await runCommandLine(command, read.faults, main);
