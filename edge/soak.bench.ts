/**
 * Eight hours of the design's reference site in about forty minutes: does the gateway's memory stay
 * what it is, and how much does it write? 40 R700 readers with a message for each read (23 million),
 * 60,000 tags in the book, 20 PLCs × 80 counters that count each second and 20 nodes that seldom
 * change (46 million samples over OPC UA), 200 climate sensors, 300 operator transactions an hour at
 * the floor's interface, and a hub. All processes are the real ones and share this machine.
 *
 * Hours are packed by rate: every entry comes, in its order, but sooner. The gateway's clock is left
 * alone, and durations of its config shrink with the hours; a process whose clock is bent would no
 * longer be the one that runs at a site. What it does by its own clock (ticks, a counter's event
 * every ten seconds, health to the hub) is done less often than in eight hours, and commits hold
 * more entries each, so that a site at its own pace writes more bytes for an event.
 *
 * The run is one process after which nothing is started anew; a part waits for one of its hours, and
 * begins a run where there is none. `HOLDFAST_SOAK_HOURS=0.5` makes a shorter day.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '#contracts/fault.ts';
import { runBenchParts, say, type Figures } from './testing/bench/bench-parts.ts';
import { hoursOfDay, type SoakHour, type SoakRecord } from './testing/soak/soak-record.ts';

const root = new URL('..', import.meta.url).pathname;
const folder = join(root, '.bench/soak');
const script = new URL('testing/soak/soak-run.ts', import.meta.url).pathname;
const lookEveryMs = 500;
const { HOLDFAST_SOAK_HOURS: length = String(hoursOfDay) } = process.env;

/** What a run was started for, and which hours of it were given out. */
interface Run {
  readonly pid: number;
  readonly of: string;
  readonly taken: readonly number[];
}

function readRun(): Run | undefined {
  const file = join(folder, 'run.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Run) : undefined;
}

function writeRun(run: Run): void {
  writeFileSync(join(folder, 'run.json'), JSON.stringify(run));
}

function records(): SoakRecord[] {
  const file = join(folder, 'record.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as SoakRecord);
}

/** @returns false also for a process that has the number of one that is gone. */
function isRunning({ pid }: Run): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(script);
  } catch {
    return false;
  }
}

/** The code that is measured, and how long the day is. */
function subject(): string {
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' });
  return `${commit.trim()} ${length} h`;
}

/** The run that this hour is still to come from, or a new one. */
function runFor(hour: number): Run {
  const run = readRun();
  if (run !== undefined) {
    const given = run.taken.includes(hour) || run.of !== subject();
    if (!given && (isRunning(run) || records().at(-1)?.type === 'over')) return run;
    if (isRunning(run)) process.kill(run.pid, 'SIGTERM');
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  attend();
  const log = openSync(join(folder, 'log'), 'a');
  const child = spawn(process.execPath, [script, folder], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  const begun = { pid: child.pid ?? 0, of: subject(), taken: [] };
  writeRun(begun);
  return begun;
}

function attend(): void {
  writeFileSync(join(folder, 'attended'), '');
}

async function takeHour(hour: number): Promise<Figures> {
  const run = runFor(hour);
  let told = 0;
  for (;;) {
    attend();
    const alive = isRunning(run);
    const all = records();
    for (const record of all.slice(told)) tell(record);
    told = all.length;
    const last = all.at(-1);
    if (last?.type === 'failed') throw new Fault('UNAVAILABLE', `the run failed: ${last.why}`);
    const isOver = last?.type === 'over';
    if (hour < hoursOfDay ? all.some((one) => one.type === 'hour' && one.hour === hour) : isOver) {
      writeRun({ ...run, taken: [...run.taken, hour] });
      return isOver && hour === hoursOfDay ? { ...last.figures } : {};
    }
    if (!alive) throw new Fault('UNAVAILABLE', `the run has ended: see ${join(folder, 'log')}`);
    await sleep(lookEveryMs);
  }
}

function tell(record: SoakRecord): void {
  if (record.type === 'said') say(record.text);
  if (record.type === 'hour') say(lineOf(record));
}

function lineOf(of: SoakHour): string {
  const { hour, rssMb, peakMb, messages, entries, events, writtenMb } = of;
  const { backlogEntries, uncommittedEvents } = of;
  return (
    `hour ${hour}: ${rssMb.toFixed(1)} MB resident, at most ${peakMb.toFixed(1)}; so far ` +
    `${messages} messages, ${entries} entries, ${events} events, ${Math.round(writtenMb)} MB written; ` +
    `waiting: ${backlogEntries} entries, ${uncommittedEvents} events`
  );
}

const figures = ['rssRatio', 'rssMb', 'bytesWrittenPerEvent'];
const hours = Array.from({ length: hoursOfDay }, (_, index) => index + 1);
await runBenchParts(
  process.argv.slice(2),
  Object.fromEntries(
    hours.map((hour) => [
      `hour-${hour}`,
      { figures: hour === hoursOfDay ? figures : [], run: () => takeHour(hour) },
    ]),
  ),
);
