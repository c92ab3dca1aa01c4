import type { Logger } from 'pino';
import { Fault } from '#contracts/fault.ts';
import type { IntakeLog } from './intake/intake-log.ts';
import type { Journal, JournalCommit } from './journal/journal.ts';
import { observeEntries } from './observe-entries.ts';
import type { Observer } from './observe/observer.ts';

export interface PipelineOptions {
  readonly intake: IntakeLog;
  readonly journal: Journal;
  readonly observer: Observer;
  readonly log: Logger;
  /** Called after each commit: what the observer says of the present may be another thing now. */
  readonly committed?: () => void;
  /** Called when only a new process may go on. */
  readonly fatal: (error: unknown) => void;
  /** A few entries wait this long for more: a commit costs the same for one as for hundreds. */
  readonly lingerMs?: number;
}

/** Entries of one commit, and so how long the broker may have to wait for its turn. */
const sliceEntries = 1000;
const retryMs = 500;

/** Takes what is durable in the intake log through the observers into the journal, in order. */
export class Pipeline {
  readonly #options: PipelineOptions;
  /** Observed, not committed yet: the disk was full. Observing again would say it twice. */
  #uncommitted: JournalCommit | undefined;
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #stopped = true;
  #idle: (() => void)[] = [];

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Durable entries that are not in the journal yet. */
  get backlog(): number {
    return this.#options.intake.lastPos - this.#options.journal.cursor();
  }

  /** The journal waits for room on disk. */
  get blocked(): boolean {
    return this.#uncommitted !== undefined;
  }

  start(): void {
    this.#stopped = false;
    this.#options.intake.onDurable(() => this.#wake());
    this.#wake();
  }

  /** Finishes the backlog, unless the disk prevents it, and ends. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    await this.whenIdle();
    this.#stopped = true;
    clearImmediate(this.#soon);
    clearTimeout(this.#later);
  }

  /** Resolves when nothing is left to do, or nothing can be done for now. */
  async whenIdle(): Promise<void> {
    if (this.backlog === 0 || this.blocked || this.#stopped) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #wake(): void {
    if (this.#stopped || this.blocked || this.#soon !== undefined || this.backlog === 0) return;
    if (this.backlog >= sliceEntries || this.#idle.length > 0) this.#runSoon();
    else this.#later ??= setTimeout(() => this.#run(), this.#options.lingerMs ?? 50);
  }

  #runSoon(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#soon ??= setImmediate(() => this.#run());
  }

  #run(): void {
    clearTimeout(this.#later);
    this.#soon = this.#later = undefined;
    if (this.#stopped) return;
    try {
      this.#commitSlice();
    } catch (error) {
      this.#stopped = true;
      this.#options.log.fatal({ err: error }, 'pipeline.broken');
      this.#options.fatal(error);
      return;
    }
    if (this.backlog > 0 && !this.blocked) {
      this.#wake();
      return;
    }
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #commitSlice(): void {
    const { intake, journal, observer, log } = this.#options;
    const commit =
      this.#uncommitted ??
      observeEntries(observer, intake.readFrom(journal.cursor() + 1, sliceEntries));
    if (commit.cursor === 0) {
      throw new Fault('STORE_BROKEN', `intake entry ${journal.cursor() + 1} is missing`);
    }
    try {
      journal.commit(commit);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'STORE_FULL') throw error;
      if (this.#uncommitted === undefined) log.error({ err: error }, 'pipeline.journal-full');
      this.#uncommitted = commit;
      this.#later = setTimeout(() => this.#run(), retryMs);
      return;
    }
    this.#uncommitted = undefined;
    intake.trim(journal.cursor());
    this.#options.committed?.();
  }
}
