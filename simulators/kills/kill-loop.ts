import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../prng.ts';
import type { SupervisedProcess } from '../stack/supervised-process.ts';

/** When a process is killed, counted from when it is ready again, or from its start. */
const afterReadyMs = { min: 0, max: 2000 } as const;
const duringStartMs = { min: 20, max: 700 } as const;
const duringStartChance = 0.15;

export interface KillPlan {
  readonly process: SupervisedProcess;
  readonly count: number;
  readonly random: Random;
  /** Done to what the process left behind, while it is gone; told how many kills there were. */
  readonly meanwhile?: (kills: number) => void;
  /** Told the count after each kill. */
  readonly onKill: (kills: number) => void;
}

/**
 * Kills a process `count` times at random moments: mostly while it works, now and then while it is
 * still coming back, which is when recovery itself is tested.
 *
 * @throws AbortError when the signal comes, Error when the process does not come back.
 */
export async function killRepeatedly(plan: KillPlan, signal: AbortSignal): Promise<void> {
  const { process, count, random, meanwhile, onKill } = plan;
  for (let kills = 0; kills < count;) {
    if (random.chance(duringStartChance)) {
      await sleep(random.between(duringStartMs.min, duringStartMs.max), undefined, { signal });
    } else {
      await process.whenReady();
      await sleep(random.between(afterReadyMs.min, afterReadyMs.max), undefined, { signal });
    }
    const next = kills + 1;
    if (!process.kill(() => meanwhile?.(next))) continue;
    kills = next;
    onKill(kills);
    // Two kills of one process are one.
    while (process.hasProcess) await sleep(1);
  }
  await process.whenReady();
}
