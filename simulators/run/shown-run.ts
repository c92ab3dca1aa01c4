import { rmSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#contracts/fault.ts';
import { isClean, type Verdict } from '../check/verdict.ts';
import { countedLines } from './counted-words.ts';
import { familyLines } from './family-lines.ts';
import { LiveView, viewLines, type LastCheck } from './live-view.ts';
import { WarehouseRun, type RunPlan, type RunStatus } from './warehouse-run.ts';

const viewEveryMs = { terminal: 1000, file: 5000 } as const;
/** From the end of one check to the start of the next: a check takes some seconds of one core. */
const checkEveryMs = 15_000;

/** A run with its view on stderr: what demo, simulate and kills have in common. */
export class ShownRun {
  readonly run: WarehouseRun;
  readonly view: LiveView;
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #stopping = new AbortController();
  #check: { verdict: LastCheck['verdict']; atMs: number } | undefined;
  #checking: Promise<void> = Promise.resolve();

  private constructor(run: WarehouseRun, view: LiveView) {
    this.run = run;
    this.view = view;
    const { terminal, file } = viewEveryMs;
    this.#timer = setInterval(() => void this.refresh(), process.stderr.isTTY ? terminal : file);
  }

  /** Begins in an emptied folder. @throws Error naming what failed. */
  static async start(plan: Omit<RunPlan, 'say'>): Promise<ShownRun> {
    const view = new LiveView(process.stderr);
    rmSync(plan.dir, { recursive: true, force: true });
    const run = await WarehouseRun.start({ ...plan, say: (what) => view.say(`· ${what}`) });
    const { url, username, password } = run.stack.hub;
    view.say(`· console ${url}   sign in as ${username} with ${password}`);
    view.say('· what is counted:');
    for (const line of countedLines()) view.say(`·   ${line}`);
    const shown = new ShownRun(run, view);
    shown.#checking = shown.#checkAgain();
    return shown;
  }

  async refresh(): Promise<void> {
    const status = await this.run.status();
    const nowMs = performance.now();
    const check: LastCheck | undefined = this.#check && {
      verdict: this.#check.verdict,
      agoS: (nowMs - this.#check.atMs) / 1000,
    };
    this.view.show(viewLines((nowMs - this.#startedMs) / 1000, status, check));
  }

  /** Compares what is there so far, again and again, until the run is to be finished. */
  async #checkAgain(): Promise<void> {
    const { signal } = this.#stopping;
    const said = new Set<string>();
    for (;;) {
      await sleep(checkEveryMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const verdict = await this.run.checkSoFar();
        this.#noteCheck(verdict);
        for (const { kind, what } of verdict.findings) {
          const line = `! ${kind}: ${what}`;
          if (!said.has(line) && said.size < findingsShown) this.view.say(line);
          said.add(line);
        }
      } catch (error) {
        this.view.say(`! the check while running: ${messageOf(error)}`);
      }
    }
  }

  #noteCheck(verdict: LastCheck['verdict']): void {
    this.#check = { verdict, atMs: performance.now() };
  }

  /** The world ends, everything drains, and everything is compared. */
  async finish(signal: AbortSignal): Promise<{ verdict: Verdict; status: RunStatus }> {
    this.view.say('· the world stands still; waiting until nothing waits any more');
    this.run.endWorld();
    this.#stopping.abort();
    await this.#checking;
    await this.run.drain(signal);
    this.view.say('· comparing world, gateways and hub');
    const verdict = await this.run.check();
    this.#noteCheck(verdict);
    await this.refresh();
    for (const line of familyLines(this.run.tallies())) this.view.say(`·   ${line}`);
    return { verdict, status: await this.run.status() };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#checking;
    await this.run.stop();
  }
}

const findingsShown = 30;

/** Says what differs. @returns whether nothing does and no process ended by itself. */
export function sayVerdict({ run, view }: ShownRun, verdict: Verdict): boolean {
  for (const { kind, what } of verdict.findings.slice(0, findingsShown)) {
    view.say(`! ${kind}: ${what}`);
  }
  const more = verdict.findings.length - findingsShown;
  if (more > 0) view.say(`! and ${more} more`);
  const crashed = run.stack.processes().filter(({ crashes }) => crashes > 0);
  for (const { name, crashes } of crashed) {
    view.say(`! ${name} ended ${crashes} times though nobody had killed it`);
  }
  return isClean(verdict) && crashed.length === 0;
}
