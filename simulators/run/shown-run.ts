import { rmSync } from 'node:fs';
import process from 'node:process';
import { isClean, type Verdict } from '../check/verdict.ts';
import { LiveView, viewLines, type LastCheck } from './live-view.ts';
import { WarehouseRun, type RunPlan, type RunStatus } from './warehouse-run.ts';

const viewEveryMs = { terminal: 1000, file: 5000 } as const;

/** A run with its view on stderr: what demo, simulate and kills have in common. */
export class ShownRun {
  readonly run: WarehouseRun;
  readonly view: LiveView;
  readonly #startedMs = performance.now();
  #check: { verdict: Verdict; atMs: number } | undefined;
  readonly #timer: NodeJS.Timeout;

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
    return new ShownRun(run, view);
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

  noteCheck(verdict: Verdict): void {
    this.#check = { verdict, atMs: performance.now() };
  }

  /** The world ends, everything drains, and everything is compared. */
  async finish(signal: AbortSignal): Promise<{ verdict: Verdict; status: RunStatus }> {
    this.view.say('· the world stands still; waiting until nothing waits any more');
    this.run.endWorld();
    await this.run.drain(signal);
    this.view.say('· comparing world, gateways and hub');
    const verdict = await this.run.check();
    this.noteCheck(verdict);
    await this.refresh();
    return { verdict, status: await this.run.status() };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
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
