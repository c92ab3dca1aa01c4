import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where everything it says goes. */
  readonly logFile: string;
  /** Asked over and over while the process starts. */
  readonly ready: () => Promise<boolean>;
  /** Told when the process goes down, and when it is ready again. */
  readonly onDown?: (atMs: number) => void;
  readonly onReady?: (atMs: number) => void;
}

/** Debian puts servers into /usr/sbin, which users lack on their path. */
const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;
/** As systemd's `RestartSec`, in the small. */
const restartDelayMs = 100;
const readyPollMs = 50;
const readyWithinMs = 60_000;
/** Ends in a row before it was ready once, without anybody having killed it. */
const patience = 5;
const stopWithinMs = 10_000;

/** Nothing that was started here outlives this process, however it ends. */
const outlived = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of outlived) child.kill('SIGKILL');
});

/**
 * A process under a supervisor: started again whenever it ends, as systemd would. `kill` is the
 * fault that simulations inject: SIGKILL, without any warning.
 */
export class SupervisedProcess {
  readonly #plan: ProcessPlan;
  #child: ChildProcess | undefined;
  #wanted = false;
  #isReady = false;
  #failure: Error | undefined;
  #starts = 0;
  #crashes = 0;
  #crashesInARow = 0;
  /** Set while a kill is under way. */
  #meanwhile: (() => void) | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(plan: ProcessPlan) {
    this.#plan = plan;
  }

  get name(): string {
    return this.#plan.name;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Whether there is a process just now, ready or not. */
  get hasProcess(): boolean {
    return this.#child !== undefined;
  }

  /** How often it was started again. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** How often it ended though nobody had killed it. */
  get crashes(): number {
    return this.#crashes;
  }

  /** Starts it and waits until it is ready. @throws Error with the end of its log. */
  async start(): Promise<void> {
    this.#wanted = true;
    this.#launch();
    await this.whenReady();
  }

  /** Waits until it is ready. @throws Error when it will not become so. */
  async whenReady(): Promise<void> {
    const deadline = performance.now() + readyWithinMs;
    while (!this.#isReady) {
      if (this.#failure !== undefined) throw this.#failure;
      if (!this.#wanted) throw new Error(`${this.name} was stopped`);
      if (performance.now() > deadline) throw this.#explain('is not ready after a minute');
      await sleep(readyPollMs);
    }
  }

  /**
   * SIGKILL; the supervisor starts it again.
   *
   * @param meanwhile is done while the process is gone.
   * @returns whether there was a process to kill.
   */
  kill(meanwhile: () => void = () => undefined): boolean {
    const child = this.#child;
    if (child === undefined) return false;
    this.#meanwhile = meanwhile;
    return child.kill('SIGKILL');
  }

  /** Resolves when the process that there is now has ended, whatever is started after it. */
  async whenEnded(): Promise<void> {
    await this.#ended;
  }

  /** Holds it still, or lets it go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name);
  }

  /** Ends it for good: SIGTERM, and SIGKILL if it does not listen. */
  async stop(): Promise<void> {
    this.#wanted = false;
    this.#child?.kill('SIGTERM');
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), stopWithinMs);
    await this.#ended;
    clearTimeout(late);
  }

  #launch(): void {
    this.#starts += 1;
    const { command, args, logFile } = this.#plan;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    // A group of its own: ctrl-C in the terminal is for this process, which stops the others.
    const child = spawn(command, args, {
      env: { ...process.env, PATH: searchPath },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    outlived.add(child);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#failure = new Error(`${this.name} cannot be started`, { cause: error });
        resolve();
      });
      child.once('exit', () => {
        outlived.delete(child);
        this.#onExit();
        resolve();
      });
    });
    void this.#watch(child);
  }

  async #watch(child: ChildProcess): Promise<void> {
    while (child === this.#child && child.exitCode === null && this.#wanted) {
      if (await this.#plan.ready().catch(() => false)) {
        if (child !== this.#child || child.exitCode !== null || child.killed) return;
        this.#isReady = true;
        this.#crashesInARow = 0;
        this.#plan.onReady?.(Date.now());
        return;
      }
      await sleep(readyPollMs);
    }
  }

  #onExit(): void {
    const meanwhile = this.#meanwhile;
    this.#meanwhile = undefined;
    this.#isReady = false;
    this.#child = undefined;
    this.#plan.onDown?.(Date.now());
    if (!this.#wanted) return;
    meanwhile?.();
    if (meanwhile === undefined) {
      this.#crashes += 1;
      this.#crashesInARow += 1;
      if (this.#crashesInARow >= patience) {
        this.#failure = this.#explain(`ended ${patience} times without becoming ready`);
        return;
      }
    }
    setTimeout(() => {
      if (this.#wanted) this.#launch();
    }, restartDelayMs);
  }

  #explain(what: string): Error {
    const { logFile } = this.#plan;
    return new Error(`${this.name} ${what}; the end of ${logFile}:\n${tail(logFile)}`);
  }
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  } catch {
    return '(empty)';
  }
}
