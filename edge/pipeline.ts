import type { Logger } from 'pino';
import type { ActOutcome } from '#contracts/acts.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import { Fault } from '#contracts/fault.ts';
import type { Cancel, Timers } from '#contracts/time.ts';
import type { IntakeBody, IntakeEntry } from './intake/intake-entry.ts';
import type { IntakeLog } from './intake/intake-log.ts';
import type { Journal } from './journal/journal.ts';
import { observeCarefully } from './observe-carefully.ts';
import { observeEntries, type DeviceAsk, type ObservedRun } from './observe-entries.ts';
import type { StandingObserver } from './observe/standing-observer.ts';
import { systemTimers } from './system-timers.ts';

export interface PipelineOptions {
  readonly intake: IntakeLog;
  readonly journal: Journal;
  readonly observer: StandingObserver;
  readonly timers?: Timers;
  readonly log: Logger;
  /** Called after each commit: what the observer says of the present may be another thing now. */
  readonly committed?: () => void;
  /** Called after a commit with what devices should be asked for. */
  readonly requested?: (asks: readonly DeviceAsk[]) => void;
  /** Called when only a new process may go on. */
  readonly fatal: (error: unknown) => void;
  /** A few entries wait this long for more: a commit costs the same for one as for hundreds. */
  readonly lingerMs?: number;
}

/** What one intake entry led to, once it is journalled. */
export interface EntryOutcome {
  readonly pos: number;
  /** The events of this entry, in order; the first has `firstSeq` in the current epoch. */
  readonly drafts: readonly EventDraft[];
  readonly firstSeq: number | undefined;
  /** Of an act: applied, refused or repeated. */
  readonly outcome: ActOutcome | undefined;
}

interface Waiter {
  readonly resolve: (outcome: EntryOutcome) => void;
  readonly reject: (fault: Fault) => void;
}

/** Entries of one commit, and so how long the broker may have to wait for its turn. */
const sliceEntries = 1000;
const retryMs = 500;

/** Takes what is durable in the intake log through the observers into the journal, in order. */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #timers: Timers;
  /** Observed, not committed yet: the disk was full. Observing again would say it twice. */
  #uncommitted: ObservedRun | undefined;
  #soon: Cancel | undefined;
  #later: Cancel | undefined;
  #stopped = true;
  #idle: (() => void)[] = [];
  /** Who asked what became of a position. */
  readonly #waiters = new Map<number, Waiter[]>();

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
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
    this.#soon?.();
    this.#later?.();
    this.#rejectWaiters();
  }

  /**
   * Takes an entry into the intake log and says what became of it: the way for an interface to
   * answer a person. Resolves once entry and events are on disk, usually within a few milliseconds.
   * While the disk has no room it waits; a caller that gives up may ask again with the same act id.
   *
   * @param atMs trusted time
   * @throws Fault UNAVAILABLE when the pipeline stops before that.
   */
  async submit(body: IntakeBody, atMs: number): Promise<EntryOutcome> {
    return await new Promise((resolve, reject) => {
      const taken =
        !this.#stopped &&
        this.#options.intake.append(body, atMs, (pos) => {
          this.outcomeOf(pos).then(resolve, reject);
        });
      if (!taken) reject(stoppedFault());
    });
  }

  /**
   * What the entry at `pos` leads to. To be called before that entry is journalled: from the
   * `onDurable` callback of its `append`, or earlier.
   *
   * @throws Fault UNAVAILABLE when it is journalled already, or when the pipeline stops first.
   */
  async outcomeOf(pos: number): Promise<EntryOutcome> {
    return await new Promise((resolve, reject) => {
      if (this.#stopped || pos <= this.#options.journal.cursor()) {
        reject(stoppedFault());
        return;
      }
      const waiting = this.#waiters.get(pos) ?? [];
      this.#waiters.set(pos, [...waiting, { resolve, reject }]);
      this.#wake();
    });
  }

  /** Resolves when nothing is left to do, or nothing can be done for now. */
  async whenIdle(): Promise<void> {
    if (this.backlog === 0 || this.blocked || this.#stopped) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #wake(): void {
    if (this.#stopped || this.blocked || this.#soon !== undefined || this.backlog === 0) return;
    const isAwaited = this.#idle.length > 0 || this.#waiters.size > 0;
    if (this.backlog >= sliceEntries || isAwaited) this.#runSoon();
    else this.#later ??= this.#timers.after(this.#options.lingerMs ?? 50, this.#run);
  }

  #runSoon(): void {
    this.#later?.();
    this.#later = undefined;
    this.#soon ??= this.#timers.soon(this.#run);
  }

  readonly #run = (): void => {
    this.#later?.();
    this.#soon = this.#later = undefined;
    if (this.#stopped) return;
    try {
      this.#commitSlice();
    } catch (error) {
      this.#stopped = true;
      this.#rejectWaiters();
      this.#options.log.fatal({ err: error }, 'pipeline.broken');
      this.#options.fatal(error);
      return;
    }
    if (this.backlog > 0 && !this.blocked) {
      this.#wake();
      return;
    }
    for (const resolve of this.#idle.splice(0)) resolve();
  };

  #commitSlice(): void {
    const { intake, journal } = this.#options;
    const firstSeq = journal.head().seq + 1;
    const waiting = this.#uncommitted;
    const committed = waiting === undefined ? this.#commitEntries() : this.#commit(waiting);
    if (committed === undefined) return;
    intake.trim(journal.cursor());
    this.#options.committed?.();
    if (committed.requests.length > 0) this.#options.requested?.(committed.requests);
    if (this.#waiters.size > 0) this.#answer(committed, firstSeq);
  }

  #commitEntries(): ObservedRun | undefined {
    const { intake, journal, observer } = this.#options;
    const firstPos = journal.cursor() + 1;
    const entries = intake.readFrom(firstPos, sliceEntries);
    if (entries.length === 0) {
      throw new Fault('STORE_BROKEN', `intake entry ${firstPos} is missing`);
    }
    if (entries.some(({ body }) => body.type === 'clock')) {
      return this.#commit(this.#observeCarefully(entries));
    }
    try {
      return this.#commit(observeEntries(observer, entries));
    } catch (error) {
      // What ails a store is not healed by observing again, and what is committed must not be.
      const isStore = error instanceof Fault && error.code === 'STORE_BROKEN';
      if (isStore || journal.cursor() >= firstPos) throw error;
      return this.#commit(this.#observeCarefully(entries));
    }
  }

  /** One of the entries throws: it is found, and all others count. */
  #observeCarefully(entries: readonly IntakeEntry[]): ObservedRun {
    const { journal, log, observer } = this.#options;
    return observeCarefully(entries, {
      observer,
      stored: journal.states(),
      head: journal.head(),
      failed({ pos, body }, error) {
        const of = 'device' in body ? { device: body.device } : {};
        log.error({ err: error, pos, type: body.type, ...of }, 'pipeline.entry-failed');
      },
    });
  }

  /** @returns undefined while the disk has no room; it is tried again. */
  #commit(commit: ObservedRun): ObservedRun | undefined {
    const { journal, log } = this.#options;
    try {
      journal.commit(commit);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'STORE_FULL') throw error;
      if (this.#uncommitted === undefined) log.error({ err: error }, 'pipeline.journal-full');
      this.#uncommitted = commit;
      this.#later = this.#timers.after(retryMs, this.#run);
      return undefined;
    }
    this.#uncommitted = undefined;
    return commit;
  }

  #answer({ cursor, items, outcomes }: ObservedRun, firstSeq: number): void {
    for (const [pos, waiting] of this.#waiters) {
      if (pos > cursor) continue;
      this.#waiters.delete(pos);
      const first = items.findIndex((item) => item.pos === pos);
      const drafts = items.filter((item) => item.pos === pos).map(({ draft }) => draft);
      const seq = first < 0 ? undefined : firstSeq + first;
      const answer = { pos, drafts, firstSeq: seq, outcome: outcomes.get(pos) };
      for (const { resolve } of waiting) resolve(answer);
    }
  }

  #rejectWaiters(): void {
    for (const { reject } of [...this.#waiters.values()].flat()) reject(stoppedFault());
    this.#waiters.clear();
  }
}

function stoppedFault(): Fault {
  return new Fault('UNAVAILABLE', 'the gateway is stopping: nobody can say what became of it');
}
