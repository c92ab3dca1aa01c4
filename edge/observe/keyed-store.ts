import { encodeCanonical, type Canonical } from '#contracts/canonical.ts';
import type { StateRow } from './state-row.ts';

/**
 * The states of one machine by key, and which of them changed since they were last stored. States
 * are immutable: setting the state that is there already costs nothing and stores nothing.
 */
export class KeyedStore<S extends Canonical> {
  readonly machine: string;
  readonly #states = new Map<string, S>();
  readonly #dirty = new Set<string>();

  constructor(machine: string) {
    this.machine = machine;
  }

  get size(): number {
    return this.#states.size;
  }

  get(key: string): S | undefined {
    return this.#states.get(key);
  }

  /** Undefined forgets the key. */
  set(key: string, state: S | undefined): void {
    if (this.#states.get(key) === state) return;
    if (state === undefined) this.#states.delete(key);
    else this.#states.set(key, state);
    this.#dirty.add(key);
  }

  /** In no order that outlives a restart: sort what is said together. */
  entries(): MapIterator<[string, S]> {
    return this.#states.entries();
  }

  keys(): MapIterator<string> {
    return this.#states.keys();
  }

  /** Appends a row for every key that changed since the last call. */
  drainDirty(rows: StateRow[]): void {
    for (const key of this.#dirty) {
      const state = this.#states.get(key);
      const value = state === undefined ? null : encodeCanonical(state);
      rows.push({ machine: this.machine, key, value });
    }
    this.#dirty.clear();
  }

  /** Takes a stored row back without marking it as changed. The text is our own, hence the cast. */
  restore(key: string, value: string): void {
    this.load(key, JSON.parse(value) as S);
  }

  load(key: string, state: S): void {
    this.#states.set(key, state);
  }
}
