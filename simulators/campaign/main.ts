import { availableParallelism } from 'node:os';
import process from 'node:process';
import { seedOption, type CommandSpec } from '../run/command-help.ts';
import { readCommandLine, runCommandLine } from '../run/run-main.ts';
import { CampaignRecord } from './campaign-record.ts';
import { runMutants } from './run-mutants.ts';
import { runSchedule } from './run-schedule.ts';
import { drawSchedule, faultText } from './schedule.ts';
import { runSeeds } from './schedule-pool.ts';
import { shrink } from './shrink.ts';

/**
 * `npm run campaign`: seeded schedules of faults against the machines of gateway and hub, in one
 * process, on virtual time. `--seed` shows one of them, and the shortest that fails the same way.
 */
const command: CommandSpec = {
  name: 'campaign',
  does: `Runs the machines of two gateways and a hub, as they are, on a simulated network, broker and disks,
with faults drawn from a seed, and checks the promises of docs/guarantees.md after each schedule. One
JSON line comes last.`,
  options: {
    seeds: { type: 'number', min: 1, max: 10_000_000, otherwise: 2000, does: 'schedules to run' },
    from: { ...seedOption, does: 'the first seed' },
    seed: { ...seedOption, does: 'one schedule alone, told step by step; shrinks it if it fails' },
    mutants: { type: 'flag', does: 'plant each known bug, too, and see that it is found' },
    'until-violation': { type: 'flag', does: 'stop at the first seed that breaks a promise' },
  },
  exits: { 0: 'every promise held', 1: 'one was broken, or a planted bug was not found' },
};
const read = readCommandLine(command);
const { seeds = 2000, from = 1, seed } = read.numbers;
const isOne = read.given.has('seed');
const say = (what: string) => process.stderr.write(`${what}\n`);
const shownFailures = 5;

async function main(signal: AbortSignal): Promise<number> {
  if (isOne) return await showOne(seed ?? 1);
  const figures = await runAll(signal);
  const mutants = read.flags.has('mutants') ? await runMutants(say, signal) : undefined;
  process.stdout.write(`${JSON.stringify({ ...figures, ...mutants })}\n`);
  const areCaught = mutants === undefined || mutants.caught === mutants.mutants;
  return figures.violations === 0 && areCaught ? 0 : 1;
}

async function runAll(signal: AbortSignal) {
  let [schedules, violations, events, threadMs] = [0, 0, 0, 0];
  let toldMs = performance.now();
  const failed: number[] = [];
  const faults: Record<string, number> = {};
  await runSeeds(
    { from, count: seeds },
    (outcome) => {
      schedules += outcome.count;
      events += outcome.events;
      threadMs += outcome.ms;
      violations += outcome.failed.length;
      for (const [kind, count] of Object.entries(outcome.faults)) {
        faults[kind] = (faults[kind] ?? 0) + count;
      }
      for (const { seed: bad, violations: of } of outcome.failed) {
        failed.push(bad);
        if (failed.length <= shownFailures) {
          say(
            `seed ${bad}: ${of.map(({ invariant, detail }) => `${invariant} ${detail}`).join('; ')}`,
          );
        }
      }
      if (performance.now() - toldMs > 5_000) {
        toldMs = performance.now();
        say(`· ${schedules} of ${seeds} schedules, ${violations} with violations`);
      }
      return violations === 0 || !read.flags.has('until-violation');
    },
    new CampaignRecord(),
    signal,
  );
  // Also of what an earlier run did: so many threads were at work all the time.
  const minutes = threadMs / availableParallelism() / 60_000;
  say(`${events} events; faults: ${JSON.stringify(faults)}`);
  if (failed.length > 0) {
    const first = Math.min(...failed);
    say(`npm run campaign -- --seed ${first} shows the first of them`);
  }
  const schedulesPerMinute = Math.round(schedules / minutes);
  return { schedules, violations, schedulesPerMinute };
}

async function showOne(of: number): Promise<number> {
  const schedule = drawSchedule(of);
  const outcome = await runSchedule(schedule);
  const again = await runSchedule(schedule);
  if (again.fingerprint !== outcome.fingerprint) {
    say(`seed ${of} does not run the same way twice`);
    return 1;
  }
  const { violations } = outcome;
  let shown = { schedule, outcome };
  if (violations.length > 0) {
    say(`seed ${of} breaks a promise; looking for a shorter schedule that does`);
    shown = await shrink(schedule, outcome);
  }
  for (const line of shown.outcome.log) say(line);
  say('');
  for (const fault of shown.schedule.faults) say(`fault: ${faultText(fault)}`);
  for (const { invariant, detail } of shown.outcome.violations) say(`${invariant}: ${detail}`);
  const { events, fingerprint, steps } = shown.outcome;
  const found = { seed: of, violations: violations.length, events, steps, fingerprint };
  process.stdout.write(`${JSON.stringify({ ...found, schedule: shown.schedule })}\n`);
  return violations.length === 0 ? 0 : 1;
}

await runCommandLine(command, read.faults, main);
