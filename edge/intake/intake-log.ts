import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import type { Cancel, Clock, Timers } from '#contracts/time.ts';
import { commitTrouble } from '../journal/commit-trouble.ts';
import { systemTimers } from '../system-timers.ts';
import { createBatchTail } from './batch-tail.ts';
import { BatchEncoder, decodeBatch, type MessageBytes } from './entry-codec.ts';
import type { Hold, HoldNote } from './hold-note.ts';
import type { IntakeBody, IntakeEntry } from './intake-entry.ts';
import { timeAfter } from './last-time.ts';
import type { IntakeStore, StoredBatch } from './intake-store.ts';

export interface IntakeLogOptions {
  /** Bytes of entries to keep after they were observed. */
  readonly budgetBytes: number;
  /** Free bytes of the disk below which the log holds. */
  readonly floorBytes: number;
  /** Free bytes of the file system that holds the log. */
  readonly freeBytes: () => number;
  readonly clock: Clock;
  readonly timers?: Timers;
  readonly log: Logger;
  /** Where a hold is said that this process may not outlive. */
  readonly holdNote?: HoldNote;
  /** Called once when only a new process may go on; nothing is acknowledged afterwards. */
  readonly fatal: (error: unknown) => void;
  /** Bytes taken at most while the log holds. */
  readonly heldBytes?: number;
}

type Callback = (pos: number) => void;

/** Gave something to the log and waits until it is durable. */
export interface Waiter {
  /** @param ticket as it was given */
  durable(pos: number, ticket: number): void;
}

/** Filled entries on their way to disk. */
interface WaitingBatch extends StoredBatch {
  readonly lastMs: number;
  readonly configHash: string | undefined;
  readonly waiters: readonly (Waiter | undefined)[];
  readonly tickets: readonly number[];
}

const batchEntries = 2000;
const batchBytes = 4 * 1_048_576;
const tailBytes = 2 * 1_048_576;
const defaultHeldBytes = 32 * 1_048_576;
const retryMs = 500;
const freeCheckMs = 250;
/** How long a commit waits at most for more entries, and how many bytes are enough for it. */
const gatherMs = 2;
const gatherBytes = 98_304;

/** Goes on where a store ends. @throws Fault STORE_BROKEN when the last batch is damaged. */
export function resumeIntakeLog(options: IntakeLogOptions, store: IntakeStore): IntakeLog {
  const last = store.lastBatch();
  const entries = last === undefined ? [] : decodeBatch(last.bytes, last.firstPos);
  return new IntakeLog(options, store, entries.at(-1));
}

/**
 * Everything that came in, in order, durable before it is acknowledged. One commit carries what
 * arrives until a turn of the event loop brings nothing more, for two milliseconds at most. While
 * the disk gives trouble the log *holds*: it takes what fits in memory, acknowledges nothing, tries
 * again, and resumes by itself.
 */
export class IntakeLog {
  readonly #options: IntakeLogOptions;
  readonly #store: IntakeStore;
  readonly #timers: Timers;
  readonly #tail = createBatchTail(tailBytes);
  readonly #encoder = new BatchEncoder();
  readonly #onDurable: Callback[] = [];
  readonly #onHold: ((hold: Hold | undefined) => void)[] = [];
  #waiting: WaitingBatch[] = [];
  #waitingBytes = 0;
  #waiters: (Waiter | undefined)[] = [];
  #tickets: number[] = [];
  #configHash: string | undefined;
  #openConfigHash: string | undefined;
  #lastPos: number;
  #elsewherePos = Infinity;
  #takenPos: number;
  #takenMs: number;
  #durableMs: number;
  #hold: Hold | undefined;
  #scheduled: Cancel | undefined;
  #gatheringSinceMs: number | undefined;
  #gatheredPos = 0;
  #retry: Cancel | undefined;
  #freeCheckedMs = Number.NEGATIVE_INFINITY;
  #busy = false;
  #dead = false;
  /** The last run of the gateway ended in order. */
  readonly stoppedClean: boolean;

  constructor(options: IntakeLogOptions, store: IntakeStore, last: IntakeEntry | undefined) {
    this.#options = options;
    this.#store = store;
    this.#timers = options.timers ?? systemTimers;
    this.#lastPos = this.#takenPos = last?.pos ?? 0;
    this.#takenMs = this.#durableMs = last === undefined ? 0 : timeAfter(last);
    this.#configHash = store.mark('config');
    this.stoppedClean = store.mark('clean-stop') === String(this.#lastPos);
  }

  /** The last durable position. */
  get lastPos(): number {
    return this.#lastPos;
  }

  /** Time of the last durable entry; 0 in a new log. */
  get lastReceivedAtMs(): number {
    return this.#durableMs;
  }

  /** Hash of the last durable site configuration. */
  get configHash(): string | undefined {
    return this.#configHash;
  }

  get hold(): Hold | undefined {
    return this.#hold;
  }

  /** Bytes that were taken and are not durable. */
  get pendingBytes(): number {
    return this.#waitingBytes + (this.#encoder.count > 0 ? this.#encoder.bytes : 0);
  }

  get keptBytes(): number {
    return this.#store.keptBytes();
  }

  /**
   * Takes an entry. `onDurable` is called with its position once it is on disk.
   *
   * @param atMs trusted time; one before that of the last entry counts as equal to it.
   * @returns false for a message when the log holds and has no room: nothing was taken, so answer
   *   nothing. What the gateway itself has to say is small and always taken.
   */
  append(body: IntakeBody, atMs: number, onDurable?: Callback): boolean {
    if (this.#dead) return false;
    const isMessage = body.type === 'message' || body.type === 'refused';
    if (isMessage && !this.#hasRoom()) return false;
    this.#takenMs = Math.max(this.#takenMs, atMs);
    this.#encoder.add(this.#takenMs, body);
    this.#taken(onDurable && { durable: onDurable }, 0);
    if (body.type === 'config') this.#openConfigHash = body.hash;
    if (body.type === 'clock') {
      // Within a batch times do not go back.
      this.#takenMs = body.toMs;
      this.#closeBatch();
    }
    this.#flushSoon();
    return true;
  }

  /**
   * As `append`, for the messages that nearly all entries are: nothing is made for one that would
   * have to be cleared away again.
   */
  appendMessage(message: MessageBytes, atMs: number, waiter: Waiter, ticket: number): boolean {
    if (this.#dead || !this.#hasRoom()) return false;
    this.#takenMs = Math.max(this.#takenMs, atMs);
    this.#encoder.addMessage(this.#takenMs, message);
    this.#taken(waiter, ticket);
    this.#flushSoon();
    return true;
  }

  /** Durable entries from `pos` on: whole batches, about `max` entries, at least one batch. */
  readFrom(pos: number, max: number): IntakeEntry[] {
    const entries: IntakeEntry[] = [];
    let at = pos;
    while (at <= this.#lastPos) {
      const batch = this.#tail.holding(at) ?? this.#store.batchHolding(at);
      if (batch === undefined) break;
      if (entries.length > 0 && entries.length + batch.lastPos - at >= max) break;
      const inside = decodeBatch(batch.bytes, batch.firstPos);
      for (let index = at - batch.firstPos; index < inside.length; index += 1) {
        const entry = inside[index];
        if (entry !== undefined) entries.push(entry);
      }
      at = batch.lastPos + 1;
    }
    return entries;
  }

  /** Drops the oldest entries beyond the byte budget, of those up to `pos` only. */
  trim(pos: number): void {
    const { budgetBytes } = this.#options;
    if (this.#store.keptBytes() <= budgetBytes * 1.05) return;
    try {
      this.#store.trim(Math.min(pos, this.#elsewherePos), budgetBytes);
    } catch (error) {
      // What is kept too long does no harm, and the next commit asks again.
      if (commitTrouble(error) === 'broken') throw error;
      this.#options.log.warn({ reason: messageOf(error) }, 'intake.not-trimmed');
    }
  }

  /** Entries up to `pos` are on disk elsewhere too; `trim` leaves those after it. Default: all. */
  keepAfter(pos: number): void {
    this.#elsewherePos = pos;
  }

  onDurable(listener: Callback): void {
    this.#onDurable.push(listener);
  }

  onHold(listener: (hold: Hold | undefined) => void): void {
    this.#onHold.push(listener);
  }

  /** Writes what is pending, marks the stop as clean where that worked, and closes the file. */
  close(): void {
    this.#retry?.();
    this.#flush();
    const clean = !this.#dead && this.pendingBytes === 0;
    this.#dead = true;
    try {
      if (clean) this.#store.setMark('clean-stop', String(this.#lastPos));
    } catch (error) {
      this.#options.log.warn({ reason: messageOf(error) }, 'intake.stop-not-marked');
    }
    this.#store.close();
  }

  get #heldBytes(): number {
    return this.#options.heldBytes ?? defaultHeldBytes;
  }

  #hasRoom(): boolean {
    return this.#hold === undefined || this.pendingBytes < this.#heldBytes;
  }

  #taken(waiter: Waiter | undefined, ticket: number): void {
    this.#waiters.push(waiter);
    this.#tickets.push(ticket);
    this.#takenPos += 1;
  }

  #flushSoon(): void {
    if (this.#encoder.count >= batchEntries || this.#encoder.bytes >= batchBytes) this.#flush();
    else this.#scheduled ??= this.#timers.soon(this.#gather);
  }

  /** What devices send at once comes in over some turns; a commit costs the same for all of it. */
  readonly #gather = (): void => {
    const nowMs = this.#options.clock.monotonicMs();
    this.#gatheringSinceMs ??= nowMs;
    const isGrowing = this.#takenPos > this.#gatheredPos;
    const isEnough =
      this.#encoder.bytes >= gatherBytes || nowMs - this.#gatheringSinceMs >= gatherMs;
    this.#gatheredPos = this.#takenPos;
    if (isGrowing && !isEnough) this.#scheduled = this.#timers.soon(this.#gather);
    else this.#flush();
  };

  #flush(): void {
    this.#scheduled?.();
    this.#scheduled = this.#gatheringSinceMs = undefined;
    if (this.#busy || this.#dead) return;
    const isFull = this.#encoder.count >= batchEntries || this.#encoder.bytes >= batchBytes;
    if (this.#hold === undefined || isFull) this.#closeBatch();
    if (this.#hold !== undefined || this.#waiting.length === 0) return;
    this.#busy = true;
    try {
      if (this.#hasFloor()) this.#writeWaiting();
      else this.#startHold('disk-full', 'free space is below the floor');
    } finally {
      this.#busy = false;
    }
    // Callbacks may have appended; with the busy mark set, that could not flush.
    if (this.#encoder.count > 0) this.#scheduled ??= this.#timers.soon(this.#gather);
  }

  #closeBatch(): void {
    const { count } = this.#encoder;
    if (count === 0) return;
    const firstPos = this.#takenPos - count + 1;
    const bytes = this.#encoder.take(firstPos);
    this.#waiting.push({
      firstPos,
      lastPos: this.#takenPos,
      lastMs: this.#takenMs,
      bytes,
      configHash: this.#openConfigHash,
      waiters: this.#waiters,
      tickets: this.#tickets,
    });
    this.#waitingBytes += bytes.length;
    this.#waiters = [];
    this.#tickets = [];
    this.#openConfigHash = undefined;
  }

  /** @returns whether all that waited is durable. */
  #writeWaiting(): boolean {
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      try {
        this.#store.insert(batch, batch.configHash);
      } catch (error) {
        this.#fail(error);
        return false;
      }
      this.#waiting.shift();
      this.#waitingBytes -= batch.bytes.length;
      this.#settle(batch);
    }
    return true;
  }

  #settle(batch: WaitingBatch): void {
    const { firstPos, lastPos, bytes, waiters, tickets } = batch;
    this.#tail.push({ firstPos, lastPos, bytes });
    this.#lastPos = lastPos;
    this.#durableMs = batch.lastMs;
    this.#configHash = batch.configHash ?? this.#configHash;
    for (let index = 0; index < waiters.length; index += 1) {
      waiters[index]?.durable(firstPos + index, tickets[index] ?? 0);
    }
    for (const listener of this.#onDurable) listener(lastPos);
  }

  #fail(error: unknown): void {
    const trouble = commitTrouble(error);
    if (trouble === 'full') return this.#startHold('disk-full', messageOf(error));
    if (trouble === 'busy') return this.#startHold('disk-error', messageOf(error));
    this.#dead = true;
    this.#options.log.fatal({ err: error }, 'intake.store-broken');
    this.#options.fatal(error);
  }

  #startHold(reason: Hold['reason'], detail: string): void {
    if (this.#hold !== undefined) return;
    this.#retry = this.#timers.after(retryMs, () => this.#tryAgain());
    this.#hold = { reason, sinceMs: this.#options.clock.nowMs() };
    this.#options.log.error({ reason, detail }, 'intake.held');
    this.#options.holdNote?.held(this.#hold, this.#hold.sinceMs);
    for (const listener of this.#onHold) listener(this.#hold);
  }

  #tryAgain(): void {
    const hold = this.#hold;
    if (this.#dead || hold === undefined) return;
    this.#freeCheckedMs = Number.NEGATIVE_INFINITY;
    this.#closeBatch();
    const written = this.#hasFloor() && this.#writeWaiting();
    if (this.#dead) return;
    if (!written) {
      this.#options.holdNote?.held(hold, this.#options.clock.nowMs());
      this.#retry = this.#timers.after(retryMs, () => this.#tryAgain());
      return;
    }
    this.#hold = undefined;
    this.#options.log.warn({ sinceMs: hold.sinceMs }, 'intake.resumed');
    const nowMs = this.#options.clock.nowMs();
    this.append({ type: 'intake', held: true, ...hold }, nowMs);
    this.append({ type: 'intake', held: false, ...hold }, nowMs, () =>
      this.#options.holdNote?.told(),
    );
    for (const listener of this.#onHold) listener(undefined);
  }

  /** While it holds, the log wants somewhat more than the floor: it must not flutter. */
  #hasFloor(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#freeCheckedMs < freeCheckMs) return true;
    this.#freeCheckedMs = nowMs;
    const { floorBytes, freeBytes } = this.#options;
    return freeBytes() >= (this.#hold === undefined ? floorBytes : floorBytes * 1.1);
  }
}
