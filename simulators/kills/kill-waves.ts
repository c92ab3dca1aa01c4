import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../prng.ts';
import type { SupervisedProcess } from '../stack/supervised-process.ts';

/** One process that is killed again and again. */
export interface Target {
  readonly process: SupervisedProcess;
  readonly random: Random;
  /** Done to what the process left behind, while it is gone; told how many kills there were. */
  readonly meanwhile?: (kills: number) => void;
  /** Told the count after each kill. */
  readonly onKill: (kills: number) => void;
}

export interface WavePlan {
  readonly targets: readonly Target[];
  /** Kills of each. */
  readonly count: number;
  /** Resolves when events arrive in the hub again: only then is there something to interrupt. */
  readonly flowing: () => Promise<void>;
}

/** When a process is killed, counted from when events flow. */
const afterFlowMs = { min: 0, max: 1500 } as const;
/** Now and then it is killed again while it comes back, which is when recovery itself is tested. */
const duringStartMs = { min: 20, max: 700 } as const;
const duringStartChance = 0.15;

/**
 * Kills all processes in waves, each at a random moment of its own within the wave, so that every
 * kill meets a pipeline at work or one that another kill has just broken.
 *
 * @throws AbortError when the signal comes, Error when a process or the flow does not come back.
 */
export async function killInWaves(plan: WavePlan, signal: AbortSignal): Promise<void> {
  const { targets, count, flowing } = plan;
  const kills = targets.map(() => 0);
  while (kills.some((done) => done < count)) {
    await flowing();
    await Promise.all(
      targets.map(async (target, index) => {
        const { random } = target;
        let afterMs = random.between(afterFlowMs.min, afterFlowMs.max);
        let again = true;
        while (again && (kills[index] ?? count) < count) {
          await sleep(afterMs, undefined, { signal });
          kills[index] = await killOnce(target, kills[index] ?? 0);
          again = random.chance(duringStartChance);
          afterMs = random.between(duringStartMs.min, duringStartMs.max);
        }
        await target.process.whenReady();
      }),
    );
  }
  await flowing();
}

/** @returns how many kills there were; one of a process that was gone already is none. */
async function killOnce(target: Target, kills: number): Promise<number> {
  const { process, meanwhile, onKill } = target;
  const next = kills + 1;
  if (!process.kill(() => meanwhile?.(next))) return kills;
  // Two kills of one process are one.
  const ended = process.whenEnded();
  onKill(next);
  await ended;
  return next;
}
