import type { EventPayload } from '#contracts/event-kinds.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';

type Found = EventPayload<'climate.excursion-found'>;

/** One reading of the past beyond a limit. */
export interface PastRead extends Pick<Found, 'bound' | 'limit' | 'measure' | 'sensor' | 'zone'> {
  readonly value: number;
  readonly atMs: number;
}

/** `dueMs`: when it is said; null: it was. Values in thousandths of a °C or permille. */
export type PastSpan = Pick<Found, 'bound' | 'limit' | 'measure' | 'sensor' | 'zone'> & {
  readonly fromMs: number;
  readonly toMs: number;
  readonly readings: number;
  readonly worst: number;
  readonly dueMs: number | null;
};

/** A sensor sends what it kept in several messages: what comes within this is said as one. */
const settleMs = 10_000;

/**
 * Excursions that a sensor told after the fact, one span for each zone, measure, bound and sensor.
 * What was said is remembered until another one is, so that history sent again is not said again.
 */
export class PastExcursions {
  readonly #spans = new KeyedStore<PastSpan>('climate-past');

  read({ atMs, value, ...of }: PastRead, nowMs: number): void {
    const key = `${of.zone}/${of.measure}/${of.bound}/${of.sensor}`;
    const before = this.#spans.get(key);
    const dueMs = nowMs + settleMs;
    const isWorse = (worst: number) => (of.bound === 'above' ? value > worst : value < worst);
    if (before === undefined || before.dueMs === null) {
      const isSaid = before !== undefined && atMs >= before.fromMs && atMs <= before.toMs;
      if (isSaid && !isWorse(before.worst)) return;
      this.#spans.set(key, { ...of, fromMs: atMs, toMs: atMs, readings: 1, worst: value, dueMs });
      return;
    }
    this.#spans.set(key, {
      ...before,
      fromMs: Math.min(before.fromMs, atMs),
      toMs: Math.max(before.toMs, atMs),
      readings: before.readings + 1,
      worst: isWorse(before.worst) ? value : before.worst,
      dueMs,
    });
  }

  /** In the order of their keys; each once. */
  due(nowMs: number): PastSpan[] {
    if (this.#spans.size === 0) return [];
    const due = [...this.#spans.entries()]
      .filter(([, { dueMs }]) => dueMs !== null && dueMs <= nowMs)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, span] of due) this.#spans.set(key, { ...span, dueMs: null });
    return due.map(([, span]) => span);
  }

  drainDirty(rows: StateRow[]): void {
    this.#spans.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#spans.machine) return false;
    this.#spans.restore(key, value);
    return true;
  }
}
