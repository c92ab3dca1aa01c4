import { rightsRememberedMs } from '#contracts/remembered.ts';
import { ExpiringStore } from '../observe/expiring-store.ts';
import type { StateRow } from '../observe/state-row.ts';
import type { ActNote } from './act-note.ts';
import { periodAt, type Period } from './revocations.ts';

/** Of one person and day: how many, the first and the last time of any, and the last one's id. */
type Day = readonly [acts: number, firstMs: number, lastMs: number, lastAct: string];

const dayMs = 24 * 3_600_000;

/** Acts in a time without rights of which no more is known than this. */
export interface ForgottenActs {
  readonly acts: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly lastAct: string;
}

/**
 * How much each person did on each day, once the acts themselves are forgotten: an end of rights that
 * is heard of after that can still have it reviewed. A row a person and day, whatever they did.
 */
export class ActCounts {
  readonly #days = new ExpiringStore<Day>('acts-of-day', rightsRememberedMs);

  /** An act that was applied, and is remembered no longer. */
  forget(act: string, [, , person, actedMs]: ActNote, receivedMs: number): void {
    const key = `${person}\n${Math.floor(receivedMs / dayMs)}`;
    const [acts, firstMs, lastMs, lastAct] = this.#days.get(key) ?? [0, Infinity, -Infinity, ''];
    const isLater = receivedMs > lastMs || (receivedMs === lastMs && act > lastAct);
    const day: Day = [
      acts + 1,
      Math.min(firstMs, actedMs, receivedMs),
      Math.max(lastMs, receivedMs),
      isLater ? act : lastAct,
    ];
    this.#days.keep(key, day, day[2]);
  }

  /** What may be of this time, and is of none of those that were known before. */
  within(
    person: string,
    [fromMs, toMs]: Period,
    before: readonly Period[],
  ): ForgottenActs | undefined {
    const days = [...this.#days.entries()]
      .filter(([key, [, firstMs, lastMs]]) => {
        const isIn = lastMs >= fromMs && (toMs === null || firstMs < toMs);
        return isIn && key.startsWith(`${person}\n`) && periodAt(before, lastMs) === undefined;
      })
      .map(([, day]) => day)
      .sort(([, , a], [, , b]) => a - b);
    const last = days.at(-1);
    if (last === undefined) return undefined;
    return {
      acts: days.reduce((sum, [acts]) => sum + acts, 0),
      firstMs: Math.min(...days.map(([, firstMs]) => firstMs)),
      lastMs: last[2],
      lastAct: last[3],
    };
  }

  /** Who did an act that a review names. */
  authorOf(act: string): string | undefined {
    for (const [key, [, , , lastAct]] of this.#days.entries()) {
      if (lastAct === act) return key.split('\n')[0];
    }
    return undefined;
  }

  tick(nowMs: number): void {
    this.#days.expire(nowMs);
  }

  drainDirty(rows: StateRow[]): void {
    this.#days.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#days.machine) return false;
    this.#days.restore(key, value);
    return true;
  }
}
