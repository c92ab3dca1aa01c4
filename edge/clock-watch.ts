import type { ClockDoubt, IntakeBody } from './intake/intake-entry.ts';
import { clockJumpMs, type TrustedClock } from './clock.ts';

type ClockSeen = Extract<IntakeBody, { type: 'clock-seen' }>;

/** One look at the clocks. */
export interface ClockLook {
  readonly systemMs: number;
  readonly trustedMs: number;
  readonly monotonicMs: number;
}

/** No release of this software is older: a clock before it was never set. */
const firstReleaseMs = Date.UTC(2026, 0, 1);
/** Further behind than this a clock is wrong; it may be set back by less while it is disciplined. */
const doubtMs = 60_000;

/** @returns undefined where the machine's clock can be believed. */
function clockDoubtOf({ systemMs, trustedMs }: ClockLook): ClockDoubt | undefined {
  const behindMs = Math.round(trustedMs - systemMs);
  if (behindMs >= doubtMs) return { reason: 'behind', systemMs, behindMs };
  return systemMs < firstReleaseMs
    ? { reason: 'unset', systemMs, behindMs: Math.max(0, behindMs) }
    : undefined;
}

/** @returns what is new since the look before: a jump, a doubt, or the end of one. */
function lookAtClock(before: ClockLook, now: ClockLook): ClockSeen | undefined {
  const passedMs = now.monotonicMs - before.monotonicMs;
  const fromMs = Math.round(before.systemMs + passedMs);
  const byMs = now.systemMs - fromMs;
  const hasStepped = Math.abs(byMs) >= clockJumpMs;
  const doubt = clockDoubtOf(now);
  const isNews = hasStepped || clockDoubtOf(before)?.reason !== doubt?.reason;
  if (!isNews) return undefined;
  return {
    type: 'clock-seen',
    shiftMs: Math.max(0, Math.round(now.trustedMs - before.trustedMs - passedMs)),
    ...(doubt !== undefined && { doubt }),
    ...(hasStepped && { step: { byMs, fromMs, toMs: now.systemMs } }),
  };
}

/** Holds the machine's wall clock against the monotonic one and says in the intake log what it does. */
export class ClockWatch {
  readonly #clock: TrustedClock;
  readonly #append: (body: ClockSeen, atMs: number) => void;
  #last: ClockLook | undefined;

  constructor(clock: TrustedClock, append: (body: ClockSeen, atMs: number) => void) {
    this.#clock = clock;
    this.#append = append;
  }

  /** To be called before anything is stamped. */
  start(): ClockDoubt | undefined {
    this.#last = this.#look();
    this.#clock.onJump(() => this.look());
    return clockDoubtOf(this.#last);
  }

  /** Once a second. */
  look(): void {
    const now = this.#look();
    const seen = this.#last === undefined ? undefined : lookAtClock(this.#last, now);
    this.#last = now;
    if (seen !== undefined) this.#append(seen, now.trustedMs);
  }

  #look(): ClockLook {
    const trustedMs = this.#clock.nowMs();
    const systemMs = Math.round(trustedMs - this.#clock.aheadMs());
    return { systemMs, trustedMs, monotonicMs: this.#clock.monotonicMs() };
  }
}
