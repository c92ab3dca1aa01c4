/** Processes of the ingest bench: what they cost, and how they start. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { Fault } from '#contracts/fault.ts';
import type { LoadPlan, LoadResult } from './load-plan.ts';

/** Linux counts process time in hundredths of a second (USER_HZ). */
const ticksPerSecond = 100;

/** CPU seconds of a process so far, user and system, all threads (proc(5), stat fields 14, 15). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The most memory that a process has had resident, in MB. */
export function peakRssMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

export function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Fault('UNAVAILABLE', 'a process did not start');
  return child.pid;
}

/** The next line of a child's output. */
export function nextLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Fault('UNAVAILABLE', 'a process has no output');
    const lines = createInterface({ input: child.stdout });
    child.once('exit', (code) => {
      reject(new Fault('UNAVAILABLE', `a process ended with code ${code}`));
    });
    lines.once('line', (line) => {
      lines.close();
      resolve(line);
    });
  });
}

/** Runs the load generator; `started` is called when all are connected and the first goes out. */
export async function runLoad(plan: LoadPlan, started: () => void): Promise<LoadResult> {
  const script = new URL('mqtt-load.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, JSON.stringify(plan)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    if (line === 'ready') {
      started();
      child.stdin.write('go\n');
    } else lines.push(line);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const last = lines.at(-1);
  if (code !== 0 || last === undefined) {
    throw new Fault('UNAVAILABLE', `the load generator ended with code ${String(code)}`);
  }
  return JSON.parse(last) as LoadResult;
}
