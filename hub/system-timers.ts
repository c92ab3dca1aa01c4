import type { Timers } from '#contracts/time.ts';

/** The turns and timers of this process. */
export const systemTimers: Timers = {
  soon(run) {
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  },
  after(waitMs, run) {
    const timeout = setTimeout(run, waitMs);
    return () => clearTimeout(timeout);
  },
};
