import type { Logger } from 'pino';
import type { Clock } from '#contracts/time.ts';

/** What was said of an event that may repeat. Times are monotonic. */
interface RepeatState {
  /** That were said since the matter was last settled. */
  readonly reasons: readonly string[];
  /** When it is said again, though there is nothing new in it. */
  readonly againAtMs: number;
  readonly waitMs: number;
  /** How often it was not said since it last was. */
  readonly unsaid: number;
}

const firstWaitMs = 60_000;
const longestWaitMs = 3_600_000;
/** Beyond these, a new reason is not news: some text in it may change all the time. */
const mostReasons = 8;

/** Whether an event is worth a line now: the first time, for a new reason, and then ever more rarely. */
function step(
  before: RepeatState | undefined,
  reason: string,
  nowMs: number,
): { readonly state: RepeatState; readonly says: boolean } {
  const { reasons, againAtMs, waitMs, unsaid } = before ?? {
    reasons: [],
    againAtMs: nowMs + firstWaitMs,
    waitMs: firstWaitMs,
    unsaid: 0,
  };
  if (!reasons.includes(reason) && reasons.length < mostReasons) {
    return { state: { reasons: [...reasons, reason], againAtMs, waitMs, unsaid: 0 }, says: true };
  }
  if (nowMs < againAtMs) {
    return { state: { reasons, againAtMs, waitMs, unsaid: unsaid + 1 }, says: false };
  }
  const longerMs = Math.min(waitMs * 2, longestWaitMs);
  const state = { reasons, againAtMs: nowMs + longerMs, waitMs: longerMs, unsaid: 0 };
  return { state, says: true };
}

/** Says what may repeat every second for weeks so that a log stays readable; all of it at `debug`. */
export class RepeatLog {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #states = new Map<string, RepeatState>();

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  say(level: 'error' | 'warn' | 'info', event: string, reason: string): void {
    const before = this.#states.get(event);
    const { state, says } = step(before, reason, this.#clock.monotonicMs());
    this.#states.set(event, state);
    const unsaid = before?.unsaid ?? 0;
    if (says) this.#log[level]({ reason, ...(unsaid > 0 && { unsaid }) }, event);
    else this.#log.debug({ reason }, event);
  }

  /** All is well: whatever happens from now on is news again. */
  settle(): void {
    this.#states.clear();
  }
}
