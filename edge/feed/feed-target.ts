import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { EventRun, JournalReader } from '../journal/journal-reader.ts';
import type { CursorStore, FeedCursor } from './cursor-store.ts';
import { feedEventsOf, wants, type FeedEvent } from './feed-event.ts';
import type { FeedSink } from './feed-sink.ts';
import { retryWaitMs } from './retry-wait.ts';

export interface FeedTargetOptions {
  readonly id: string;
  /** How the kinds begin that it wants; undefined: all. */
  readonly kinds?: readonly string[] | undefined;
  /** Where it begins when it is new. */
  readonly from?: 'now' | 'oldest' | undefined;
  readonly sink: FeedSink;
  readonly journal: JournalReader;
  readonly cursors: CursorStore;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Logger;
  readonly fatal: (error: unknown) => void;
  /** After a commit, for more to come along; tests say 0. */
  readonly gatherMs?: number;
  /** Of so many failures in a row. */
  readonly waitMs?: (failures: number) => number;
}

export interface FeedTargetStatus {
  readonly target: string;
  readonly type: FeedSink['type'];
  /** `halted`: the journal is not the one it was fed from, and an operator must decide. */
  readonly state: 'current' | 'behind' | 'failing' | 'halted';
  readonly epoch: number;
  /** It has everything up to here that it wants. */
  readonly seq: number;
  readonly lagEvents: number;
  /** Since the gateway started. */
  readonly delivered: number;
  readonly failures: number;
  /** Why the last try failed, while it does. */
  readonly reason?: string;
}

const runEvents = 500;
const runBytes = 1_048_576;
const gatherMs = 250;
/** What a target does not want is passed over; that is written down this often. */
const saveEveryEvents = 5000;

/**
 * Takes one target along the journal: in order, one delivery at a time, again and again until it
 * is taken. The cursor follows what was delivered, so that after any crash nothing is left out and
 * the last events may come twice. It waits for nobody, and nobody for it.
 */
export class FeedTarget {
  readonly #options: FeedTargetOptions;
  readonly #end = new AbortController();
  #running: Promise<void> | undefined;
  #epochId = '';
  #seq = 0;
  #savedSeq = 0;
  #isHalted = false;
  #delivered = 0;
  #failures = 0;
  #inARow = 0;
  #reason: string | undefined;

  constructor(options: FeedTargetOptions) {
    this.#options = options;
  }

  /** Sets a new target's cursor before it returns: from there on nothing is left out. */
  start(): void {
    this.#resume();
    this.#running = this.#run().catch((error: unknown) => this.#options.fatal(error));
  }

  /** Ends after the delivery at work, which is broken off; the cursor is written. */
  async stop(): Promise<void> {
    this.#end.abort();
    await this.#running;
    if (this.#running !== undefined && !this.#isHalted) this.#save();
    await this.#options.sink.close();
  }

  status(): FeedTargetStatus {
    const { id, journal, sink } = this.#options;
    const { epoch, seq } = journal.head();
    const lagEvents = Math.max(0, seq - this.#seq);
    const moving = lagEvents === 0 ? 'current' : 'behind';
    return {
      target: id,
      type: sink.type,
      state: this.#isHalted ? 'halted' : this.#inARow > 0 ? 'failing' : moving,
      epoch: epoch.ordinal,
      seq: this.#seq,
      lagEvents,
      delivered: this.#delivered,
      failures: this.#failures,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    };
  }

  #resume(): void {
    const { id, cursors, from = 'now', journal, log } = this.#options;
    const { epoch, seq } = journal.head();
    const cursor = cursors.load(id);
    const oldest = journal.oldestSeq() - 1;
    this.#epochId = epoch.id;
    if (cursor === undefined) {
      this.#seq = from === 'now' ? seq : Math.max(0, oldest);
      this.#save();
    } else if (cursor.epochId !== epoch.id) {
      // Every event of a new epoch has a name of its own, also those that are said again in it.
      log.warn({ target: id, epoch: epoch.ordinal, after: cursor.seq }, 'feed.new-epoch');
      this.#seq = Math.max(0, oldest);
      this.#save();
    } else this.#goOn(cursor, oldest);
  }

  #goOn({ seq, hash }: FeedCursor, oldest: number): void {
    const { id, journal, log } = this.#options;
    this.#seq = this.#savedSeq = seq;
    if (seq < oldest) {
      log.error({ target: id, fromSeq: seq + 1, toSeq: oldest }, 'feed.events-gone');
      this.#seq = oldest;
    } else if (journal.hashAt(seq) !== hash) {
      this.#isHalted = true;
      this.#reason = 'the journal has another history than the target was fed';
      log.error({ target: id, seq }, 'feed.halted');
    }
  }

  async #run(): Promise<void> {
    const { journal } = this.#options;
    while (!this.#end.signal.aborted && !this.#isHalted) {
      const run = journal.readAfter(this.#seq, runEvents, runBytes);
      // oxlint-disable-next-line no-await-in-loop -- in order is what a feed is for
      await (run === undefined ? this.#more() : this.#take(run));
    }
  }

  async #take(run: EventRun): Promise<void> {
    const { kinds, sink } = this.#options;
    const events = feedEventsOf(run).filter(({ kind }) => wants(kinds, kind));
    for (let at = 0; at < events.length; at += sink.batchEvents) {
      // oxlint-disable-next-line no-await-in-loop -- one at a time
      if (!(await this.#deliver(events.slice(at, at + sink.batchEvents)))) return;
    }
    this.#seq = run.lastSeq;
    if (events.length > 0 || this.#seq - this.#savedSeq >= saveEveryEvents) this.#save();
  }

  /** @returns false when it was told to stop before they were taken. */
  async #deliver(events: readonly FeedEvent[]): Promise<boolean> {
    const { sink } = this.#options;
    const { signal } = this.#end;
    for (;;) {
      if (signal.aborted) return false;
      try {
        // oxlint-disable-next-line no-await-in-loop -- until it is taken
        await sink.deliver(events, signal);
        this.#taken(events);
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        if (error instanceof Fault && error.code === 'STORE_BROKEN') throw error;
        // oxlint-disable-next-line no-await-in-loop -- the wait between two tries
        await this.#failed(error);
      }
    }
  }

  #taken(events: readonly FeedEvent[]): void {
    const { id, log } = this.#options;
    this.#delivered += events.length;
    this.#seq = events.at(-1)?.seq ?? this.#seq;
    this.#reason = undefined;
    if (this.#inARow === 0) return;
    log.info({ target: id, failures: this.#inARow }, 'feed.delivers-again');
    this.#inARow = 0;
  }

  async #failed(error: unknown): Promise<void> {
    const { id, log, random } = this.#options;
    const { waitMs = (failures: number) => retryWaitMs(failures, random()) } = this.#options;
    this.#failures += 1;
    this.#inARow += 1;
    this.#reason = messageOf(error);
    if (this.#inARow === 1) {
      log.warn({ target: id, reason: this.#reason }, 'feed.delivery-failed');
      this.#save();
    }
    const asked = error instanceof Fault ? Number(error.details['retryAfterMs'] ?? 0) : 0;
    await this.#sleep(Math.max(asked, waitMs(this.#inARow)));
  }

  /** Until the journal has more, and what comes along with it. */
  async #more(): Promise<void> {
    const { journal } = this.#options;
    const { signal } = this.#end;
    await new Promise<void>((resolve) => {
      const go = () => {
        leave();
        signal.removeEventListener('abort', go);
        resolve();
      };
      const leave = journal.onCommitted(go);
      signal.addEventListener('abort', go);
    });
    await this.#sleep(this.#options.gatherMs ?? gatherMs);
  }

  async #sleep(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#end.signal }).catch(() => {});
  }

  #save(): void {
    const { cursors, id, journal } = this.#options;
    const hash = journal.hashAt(this.#seq) ?? '';
    const isSaved = cursors.save(id, { epochId: this.#epochId, seq: this.#seq, hash });
    if (isSaved) this.#savedSeq = this.#seq;
  }
}
