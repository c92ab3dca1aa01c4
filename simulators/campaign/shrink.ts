import { runSchedule, type ScheduleOutcome } from './run-schedule.ts';
import type { Schedule } from './schedule.ts';

/** A schedule that breaks the same promise with as little as possible. */
export interface Shrunk {
  readonly schedule: Schedule;
  readonly outcome: ScheduleOutcome;
  readonly runs: number;
}

const mostRuns = 300;

/**
 * Leaves faults out, and then work, for as long as the same invariant is broken (Zeller and
 * Hildebrandt 2002, one at a time).
 */
export async function shrink(schedule: Schedule, outcome: ScheduleOutcome): Promise<Shrunk> {
  const invariant = outcome.violations[0]?.invariant;
  let best = { schedule, outcome };
  let runs = 0;

  async function tryOne(candidate: Schedule): Promise<boolean> {
    if (runs >= mostRuns) return false;
    runs += 1;
    const tried = await runSchedule(candidate);
    if (tried.violations[0]?.invariant !== invariant) return false;
    best = { schedule: candidate, outcome: tried };
    return true;
  }

  for (let isSmaller = true; isSmaller && runs < mostRuns;) {
    isSmaller = false;
    for (let at = best.schedule.faults.length - 1; at >= 0; at -= 1) {
      const faults = best.schedule.faults.toSpliced(at, 1);
      if (await tryOne({ ...best.schedule, faults })) isSmaller = true;
    }
    for (const what of ['scans', 'acts', 'deviceRepeats'] as const) {
      while (best.schedule[what] > 0 && (await tryOne(halved(best.schedule, what)))) {
        isSmaller = true;
      }
    }
  }
  return { ...best, runs };
}

function halved(schedule: Schedule, what: 'scans' | 'acts' | 'deviceRepeats'): Schedule {
  const half = what === 'deviceRepeats' ? 0 : Math.floor(schedule[what] / 2);
  return { ...schedule, [what]: half };
}
