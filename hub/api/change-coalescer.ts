import type { StreamMessage } from '#contracts/api/stream-api.ts';
import type { Change } from '../projections/changes.ts';

/**
 * Joins changes so that a topic speaks at most once per interval: the first change goes out at
 * once, those that follow wait and go out together.
 */
export interface ChangeCoalescer {
  offer(change: Change): void;
  /** What may be said now. */
  take(nowMs: number): StreamMessage[];
  /** When there will be something to take; undefined while nothing waits. */
  nextAtMs(nowMs: number): number | undefined;
}

export function createChangeCoalescer(intervalMs: number): ChangeCoalescer {
  const waiting = new Map<Change['topic'], Set<string>>();
  const spokenAtMs = new Map<Change['topic'], number>();

  /** A clock that was set back must not silence a topic. */
  function dueAtMs(topic: Change['topic'], nowMs: number): number {
    const spoken = spokenAtMs.get(topic);
    return spoken === undefined || spoken > nowMs ? nowMs : spoken + intervalMs;
  }

  return {
    offer({ topic, sites }) {
      const joined = waiting.get(topic) ?? new Set();
      for (const site of sites) joined.add(site);
      waiting.set(topic, joined);
    },
    take(nowMs) {
      const messages: StreamMessage[] = [];
      for (const [topic, sites] of waiting) {
        if (dueAtMs(topic, nowMs) > nowMs) continue;
        waiting.delete(topic);
        spokenAtMs.set(topic, nowMs);
        messages.push({ topic, atMs: nowMs, sites: [...sites].sort(byCodeUnit) });
      }
      return messages;
    },
    nextAtMs(nowMs) {
      const due = [...waiting.keys()].map((topic) => dueAtMs(topic, nowMs));
      return due.length === 0 ? undefined : Math.min(...due);
    },
  };
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
