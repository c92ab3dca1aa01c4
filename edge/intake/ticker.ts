import type { Clock } from '#contracts/time.ts';
import type { IntakeLog } from './intake-log.ts';

export interface Ticker {
  start(): void;
  stop(): void;
}

/**
 * Writes that time passed, so that silence and absence are seen also when nothing comes in.
 *
 * @param beforeTick what is to be looked at as often, also while the log holds
 */
export function createTicker(
  intake: IntakeLog,
  clock: Clock,
  intervalMs = 1000,
  beforeTick?: () => void,
): Ticker {
  let timer: NodeJS.Timeout | undefined;
  return {
    start() {
      timer = setInterval(() => {
        beforeTick?.();
        // While the log holds, ticks would only fill its memory: the first after it tells all.
        if (intake.hold === undefined) intake.append({ type: 'tick' }, clock.nowMs());
      }, intervalMs);
    },
    stop() {
      clearInterval(timer);
    },
  };
}
