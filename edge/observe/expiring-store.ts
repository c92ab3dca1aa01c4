import type { Canonical } from '#contracts/canonical.ts';
import { Expiry } from './expiry.ts';
import { KeyedStore } from './keyed-store.ts';
import type { StateRow } from './state-row.ts';

type Kept<V extends Canonical> = readonly [value: V, keptAtMs: number];

/** What is remembered for a fixed time after it was last said, so that it cannot grow for ever. */
export class ExpiringStore<V extends Canonical> {
  readonly #keepMs: number;
  readonly #kept: KeyedStore<Kept<V>>;
  readonly #expiry: Expiry;

  constructor(machine: string, keepMs: number) {
    this.#keepMs = keepMs;
    this.#kept = new KeyedStore(machine);
    this.#expiry = new Expiry(Math.max(1000, Math.floor(keepMs / 500)));
  }

  get machine(): string {
    return this.#kept.machine;
  }

  get(key: string): V | undefined {
    return this.#kept.get(key)?.[0];
  }

  /** When it was said. */
  keptAt(key: string): number | undefined {
    return this.#kept.get(key)?.[1];
  }

  keep(key: string, value: V, nowMs: number): void {
    if (this.#kept.get(key) === undefined) this.#expiry.add(key, nowMs + this.#keepMs);
    this.#kept.set(key, [value, nowMs]);
  }

  /** @returns false if it was there already; it is not kept longer for that. */
  keepOnce(key: string, value: V, nowMs: number): boolean {
    if (this.#kept.get(key) !== undefined) return false;
    this.keep(key, value, nowMs);
    return true;
  }

  /** The key may be kept again; its place in the expiry stays, which `dueOf` copes with. */
  forget(key: string): void {
    this.#kept.set(key, undefined);
  }

  /** @param forgotten is told of each, in no particular order */
  expire(nowMs: number, forgotten?: (key: string, value: V, keptAtMs: number) => void): void {
    for (const key of this.#expiry.take(nowMs, this.#dueOf)) {
      const kept = this.#kept.get(key);
      this.#kept.set(key, undefined);
      if (kept !== undefined) forgotten?.(key, ...kept);
    }
  }

  /** Values with the time they were last said, in no particular order. */
  *entries(): Generator<[key: string, value: V, keptAtMs: number]> {
    for (const [key, [value, keptAtMs]] of this.#kept.entries()) yield [key, value, keptAtMs];
  }

  drainDirty(rows: StateRow[]): void {
    this.#kept.drainDirty(rows);
  }

  restore(key: string, value: string): void {
    this.#kept.restore(key, value);
    this.#expiry.add(key, this.#dueOf(key) ?? 0);
  }

  readonly #dueOf = (key: string): number | undefined => {
    const kept = this.#kept.get(key);
    return kept === undefined ? undefined : kept[1] + this.#keepMs;
  };
}
