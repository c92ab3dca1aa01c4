import { hash } from 'node:crypto';
import { messageOf } from '#contracts/fault.ts';
import { checkEnd, checkReceipt, isSettled, type Violation } from './invariants.ts';
import type { PlannedFault, Schedule } from './schedule.ts';
import { World } from './world.ts';

/** What became of a schedule. */
export interface ScheduleOutcome {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly befallen: readonly PlannedFault[];
  /** Events that the hub holds. */
  readonly events: number;
  readonly steps: number;
  /** Of everything that the hub holds: equal for equal schedules. */
  readonly fingerprint: string;
  readonly log: readonly string[];
}

const lookEveryMs = 2_500;
/** All faults over, everything must be well again within this time. */
const healsWithinMs = 180_000;

/** Runs a schedule to its end, then without faults until all is well again, and judges it. */
export async function runSchedule(schedule: Schedule): Promise<ScheduleOutcome> {
  const violations: Violation[] = [];
  const add = (violation: Violation | undefined) => {
    if (violation !== undefined && violations.length < 20) violations.push(violation);
  };
  const world = new World(schedule, {
    signed: (_, text) => add(checkReceipt(world.hub, text)),
    failed: (machine, error) => {
      const stack = error instanceof Error ? (error.stack ?? '') : '';
      add({ invariant: 'crash', detail: `${machine}: ${messageOf(error)} ${stack}` });
    },
  });
  world.start();
  await world.time.runUntil(schedule.durationMs);
  world.heal();
  const untilMs = schedule.durationMs + healsWithinMs;
  // What is under way is no violation yet.
  let wrong: Violation[] | undefined;
  while (wrong === undefined && world.time.nowMs < untilMs) {
    await world.time.runUntil(world.time.nowMs + lookEveryMs);
    const found = isSettled(world) ? checkEnd(world) : undefined;
    if (found?.length === 0) wrong = found;
  }
  if (!isSettled(world)) add({ invariant: 'I18', detail: 'not well again in three minutes' });
  for (const violation of wrong ?? checkEnd(world)) add(violation);
  const rows = world.hub.process?.store.rows ?? [];
  return {
    seed: schedule.seed,
    violations,
    befallen: world.befallen,
    events: rows.length,
    steps: world.time.steps,
    fingerprint: hash('sha256', rows.map((row) => row.hash).join('\n'), 'hex').slice(0, 16),
    log: world.log.lines,
  };
}
