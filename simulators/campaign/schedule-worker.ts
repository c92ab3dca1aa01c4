/** A thread that runs schedules: it is sent ranges of seeds and answers what became of each. */
import { parentPort } from 'node:worker_threads';
import { assert } from '#contracts/assert.ts';
import { messageOf } from '#contracts/fault.ts';
import { runSchedule, type ScheduleOutcome } from './run-schedule.ts';
import { drawSchedule } from './schedule.ts';

export interface SeedRange {
  readonly from: number;
  readonly count: number;
}

/** What became of a range. */
export interface RangeOutcome extends SeedRange {
  /** How long its thread took. */
  readonly ms: number;
  readonly events: number;
  readonly steps: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly failed: readonly Pick<ScheduleOutcome, 'seed' | 'violations'>[];
}

assert(parentPort !== null, 'this module runs as a worker thread');
const port = parentPort;

async function run({ from, count }: SeedRange): Promise<RangeOutcome> {
  const failed: Pick<ScheduleOutcome, 'seed' | 'violations'>[] = [];
  const faults: Record<string, number> = {};
  const beganMs = performance.now();
  let events = 0;
  let steps = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const outcome = await runSchedule(drawSchedule(seed));
    events += outcome.events;
    steps += outcome.steps;
    for (const { kind } of outcome.befallen) faults[kind] = (faults[kind] ?? 0) + 1;
    const { violations } = outcome;
    if (violations.length > 0) failed.push({ seed, violations });
  }
  const ms = Math.round(performance.now() - beganMs);
  return { from, count, ms, events, steps, faults, failed };
}

let last: Promise<void> = Promise.resolve();
port.on('message', (range: SeedRange) => {
  last = last.then(async () => port.postMessage(await run(range)));
});
process.on('unhandledRejection', (error) => {
  // What nobody awaits is a fault of the code under test as much as what is thrown.
  throw new Error(`a promise was rejected and nobody heard: ${messageOf(error)}`, { cause: error });
});
