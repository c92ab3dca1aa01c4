import type { Cancel, Clock, Timers } from '#contracts/time.ts';
import { systemTimers } from '../system-timers.ts';
import type { IntakeLog } from './intake-log.ts';

export interface Ticker {
  start(): void;
  stop(): void;
}

export interface TickerOptions {
  readonly intervalMs?: number;
  /** What is to be looked at as often, also while the log holds. */
  readonly beforeTick?: () => void;
  readonly timers?: Timers;
}

/** Writes that time passed, so that silence and absence are seen also when nothing comes in. */
export function createTicker(
  intake: IntakeLog,
  clock: Clock,
  { intervalMs = 1000, beforeTick, timers = systemTimers }: TickerOptions = {},
): Ticker {
  let next: Cancel | undefined;
  function tick(): void {
    next = timers.after(intervalMs, tick);
    beforeTick?.();
    // While the log holds, ticks would only fill its memory: the first after it tells all.
    if (intake.hold === undefined) intake.append({ type: 'tick' }, clock.nowMs());
  }
  return {
    start() {
      next = timers.after(intervalMs, tick);
    },
    stop() {
      next?.();
    },
  };
}
