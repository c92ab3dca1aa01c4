import type { Clock } from '#contracts/time.ts';

/** The machine's own clocks: the only place in the gateway that reads them. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** Less than this is a clock that is disciplined; more at once is a jump. */
export const clockJumpMs = 5000;

/** A wall clock that cannot go back, also not across restarts. */
export interface TrustedClock extends Clock {
  /** From now on it says at least this: the last time that was persisted. */
  notBefore(atMs: number): void;
  /** How far it stands ahead of the system's wall clock, which was set back or lost its battery. */
  aheadMs(): number;
  /** To be told when it follows the system's wall clock in a jump, before anybody stamps with it. */
  onJump(listener: () => void): void;
}

/**
 * max(system, last persisted) moved by the monotonic clock. A gateway without a battery clock boots
 * in 1970 and still stamps later than all it has on disk; once the system clock is set right, and
 * is ahead, it is followed.
 */
export function createTrustedClock(system: Clock): TrustedClock {
  let baseMs = Number.NEGATIVE_INFINITY;
  let baseMonotonicMs = system.monotonicMs();
  let jumped: (() => void) | undefined;

  /** @returns the time now, which is at least `atMs`. */
  function atLeast(atMs: number): number {
    const monotonicMs = system.monotonicMs();
    const movedMs = baseMs + Math.floor(monotonicMs - baseMonotonicMs);
    if (atMs <= movedMs) return movedMs;
    baseMs = atMs;
    baseMonotonicMs = monotonicMs;
    return atMs;
  }

  function nowMs(): number {
    const fromMs = baseMs;
    const fromMonotonicMs = baseMonotonicMs;
    const atMs = atLeast(system.nowMs());
    const isJump = atMs - fromMs - (baseMonotonicMs - fromMonotonicMs) >= clockJumpMs;
    if (isJump && atMs === baseMs) jumped?.();
    return atMs;
  }

  nowMs();
  return {
    nowMs,
    monotonicMs: () => system.monotonicMs(),
    notBefore: (atMs) => void atLeast(atMs),
    onJump: (listener) => void (jumped = listener),
    aheadMs: () => Math.max(0, nowMs() - system.nowMs()),
  };
}
