import { rightsRememberedMs } from '#contracts/remembered.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';

/** A time without rights, from its first moment up to, not with, its end; null: it goes on. */
export type Period = readonly [fromMs: number, toMs: number | null];

/**
 * When each person had no rights, as far as the gateway knows: every time of it, not the last one
 * alone, so that somebody who was let in again and revoked again has two.
 */
export class Revocations {
  /** A number is what an earlier version stored: since when, and it goes on. */
  readonly #known = new KeyedStore<readonly Period[] | number>('revoked');

  periodsOf(person: string): readonly Period[] {
    const known = this.#known.get(person) ?? [];
    return typeof known === 'number' ? [[known, null]] : known;
  }

  /** Learns of a time without rights. @returns whether any of it was not known before. */
  learn(person: string, [fromMs, toMs]: Period, nowMs: number): boolean {
    const before = this.periodsOf(person);
    const isNew = !isWithin(before, [fromMs, toMs]);
    const ended = toMs === null ? before : before.map((one) => endedBy(one, [fromMs, toMs]));
    const kept = ended.filter(([, endMs]) => endMs === null || nowMs - endMs < rightsRememberedMs);
    const next = isNew ? [...kept, [fromMs, toMs] as const] : kept;
    if (JSON.stringify(next) !== JSON.stringify(before)) this.#known.set(person, next);
    return isNew;
  }

  /** A lease that begins later says that the person was let in again. */
  letIn(person: string, leaseFromMs: number): void {
    const before = this.periodsOf(person);
    if (!before.some(([fromMs, toMs]) => toMs === null && fromMs < leaseFromMs)) return;
    this.#known.set(
      person,
      before.map(([fromMs, toMs]) => [fromMs, toMs ?? Math.max(fromMs, leaseFromMs)]),
    );
  }

  drainDirty(rows: StateRow[]): void {
    this.#known.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#known.machine) return false;
    this.#known.restore(key, value);
    return true;
  }
}

/** The one of these times in which something happened. */
export function periodAt(periods: readonly Period[], atMs: number): Period | undefined {
  return periods.find(([fromMs, toMs]) => fromMs <= atMs && (toMs === null || atMs < toMs));
}

/** What went on is over where the time that is told now holds its beginning. */
function endedBy(one: Period, [fromMs, toMs]: readonly [number, number]): Period {
  const [begunMs, endMs] = one;
  return endMs === null && fromMs <= begunMs && begunMs < toMs ? [begunMs, toMs] : one;
}

function isWithin(periods: readonly Period[], [fromMs, toMs]: Period): boolean {
  return periods.some(([begunMs, endMs]) => {
    return begunMs <= fromMs && (endMs === null || (toMs !== null && toMs <= endMs));
  });
}
