import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import process from 'node:process';
import { Fault } from '#contracts/fault.ts';

const root = new URL('../../..', import.meta.url).pathname;

/** Debian puts servers into /usr/sbin, which users lack on their path. */
const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

/** Nothing that a bench started outlives it. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** A server process of a bench; what it says goes to a file. */
export class BenchProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #logFile: string;

  constructor(command: string, args: readonly string[], logFile: string) {
    const log = openSync(logFile, 'a');
    const env = { ...process.env, PATH: searchPath };
    this.#child = spawn(command, [...args], { env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#logFile = logFile;
    // A command that is not there ends the bench with this very error.
    if (this.#child.pid === undefined) throw new Fault('UNAVAILABLE', `${command} does not start`);
    this.pid = this.#child.pid;
    alive.add(this.#child);
    this.#child.once('exit', () => alive.delete(this.#child));
  }

  /** Ends it and waits until it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#hasEnded()) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  /** @throws Fault UNAVAILABLE with the end of its log once it has ended. */
  checkAlive(): void {
    if (!this.#hasEnded()) return;
    const said = readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
    throw new Fault('UNAVAILABLE', `a process ended; ${basename(this.#logFile)} says:\n${said}`);
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/**
 * `hub` or `gateway` with its arguments, by the Node that runs this. `NODE_FLAGS` in the environment
 * reaches it, for one who looks for the cause of a figure: `--cpu-prof --cpu-prof-dir=…`.
 */
export function startPart(
  part: 'edge' | 'hub',
  args: readonly string[],
  logFile: string,
): BenchProcess {
  const { NODE_FLAGS: wanted = '' } = process.env;
  const flags = wanted.split(' ').filter((flag) => flag !== '');
  return new BenchProcess(process.execPath, [...flags, `${root}${part}/cli.ts`, ...args], logFile);
}

/** Runs a command of ours to its end. @returns what it printed, as JSON. */
export async function runPart(part: 'edge' | 'hub', args: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [`${root}${part}/cli.ts`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) {
    throw new Fault('UNAVAILABLE', `${part} ${args[0] ?? ''} ended with ${code}: ${said.err}`);
  }
  return JSON.parse(said.out) as unknown;
}

/** Asks over and over. @throws Fault UNAVAILABLE after `withinMs`. */
export async function until(
  met: () => Promise<boolean> | boolean,
  what: string,
  { everyMs = 20, withinMs = 60_000 } = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await met())) {
    if (performance.now() > deadline) {
      throw new Fault('UNAVAILABLE', `gave up waiting until ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
