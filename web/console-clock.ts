import type { Clock } from '#contracts/time.ts';

/** The clock of the console: wall time, a time that never goes back, and the one way to wait. */
export interface ConsoleClock extends Clock {
  /** Runs once after the delay. @returns a function that cancels. */
  after(delayMs: number, run: () => void): () => void;
}

/** The browser's clock. Everything else is given a ConsoleClock. */
export const browserClock: ConsoleClock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
