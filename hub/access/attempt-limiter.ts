/** How patient a limiter is. */
export interface AttemptLimits {
  /** Attempts before the first wait. */
  readonly free: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Keys remembered at once; the least recently used goes first. */
  readonly capacity: number;
}

/**
 * Slows repeated attempts down per key: after `free` attempts each further one waits twice as long
 * as the last. An attempt counts when it begins, so that many at once gain nothing. Nobody is shut out for good, and one key's failures never slow another's.
 */
export interface AttemptLimiter {
  /** @returns 0 when the attempt may go on and was counted, else milliseconds to wait. */
  admit(key: string, nowMs: number): number;
  /** Forgets a key, after a success that belongs to it alone. */
  clear(key: string): void;
  /** Takes one attempt back, after a success on a key that others share. */
  forgive(key: string): void;
}

interface Attempts {
  count: number;
  blockedUntilMs: number;
  lastMs: number;
}

export function createAttemptLimiter(limits: AttemptLimits): AttemptLimiter {
  const byKey = new Map<string, Attempts>();
  return {
    admit(key, nowMs) {
      let attempts = byKey.get(key);
      byKey.delete(key);
      if (attempts === undefined || nowMs - attempts.lastMs > 4 * limits.longestWaitMs) {
        attempts = { count: 0, blockedUntilMs: 0, lastMs: nowMs };
      }
      byKey.set(key, attempts);
      evictOldest(byKey, limits.capacity);
      // A clock that was set back must not lengthen the wait.
      const waitMs = Math.min(attempts.blockedUntilMs - nowMs, limits.longestWaitMs);
      if (waitMs > 0) return waitMs;
      attempts.count += 1;
      attempts.lastMs = nowMs;
      const beyond = attempts.count - limits.free;
      if (beyond >= 0) {
        const nextWaitMs = limits.firstWaitMs * 2 ** Math.min(beyond, 30);
        attempts.blockedUntilMs = nowMs + Math.min(nextWaitMs, limits.longestWaitMs);
      }
      return 0;
    },
    clear(key) {
      byKey.delete(key);
    },
    forgive(key) {
      const attempts = byKey.get(key);
      if (attempts !== undefined) attempts.count = Math.max(0, attempts.count - 1);
    },
  };
}

function evictOldest(byKey: Map<string, Attempts>, capacity: number): void {
  for (const key of byKey.keys()) {
    if (byKey.size <= capacity) return;
    byKey.delete(key);
  }
}
