import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';
import { binKey, binOf, type Bin } from './bin.ts';

/**
 * How much of what this gateway's postings have put where: the running sum of all ledger lines on
 * zone accounts, by zone, status, owner, item, lot and outermost handling unit. An account that
 * sums to zero has no row; a negative one is a flagged discrepancy.
 */
export class QuantityBook {
  static readonly machine = 'quantity';
  readonly #rows = new KeyedStore<number>(QuantityBook.machine);
  readonly #byUnit = new Map<string, Set<string>>();

  get size(): number {
    return this.#rows.size;
  }

  quantityIn(bin: Bin): number {
    return this.#rows.get(binKey(bin)) ?? 0;
  }

  /** @returns the balance after it. */
  add(bin: Bin, quantity: number): number {
    const key = binKey(bin);
    const balance = (this.#rows.get(key) ?? 0) + quantity;
    this.#rows.set(key, balance === 0 ? undefined : balance);
    if (bin.unit !== '') this.#index(bin.unit, key, balance !== 0);
    return balance;
  }

  /** The accounts of a unit, in the order of their keys. */
  ofUnit(unit: string): [bin: Bin, quantity: number][] {
    return [...(this.#byUnit.get(unit) ?? [])]
      .sort()
      .map((key) => [binOf(key), this.#rows.get(key) ?? 0]);
  }

  /** All accounts that hold something and fit, in the order of their keys. */
  where(fits: (bin: Bin) => boolean): [bin: Bin, quantity: number][] {
    const found: [key: string, bin: Bin, quantity: number][] = [];
    for (const [key, quantity] of this.#rows.entries()) {
      const bin = binOf(key);
      if (fits(bin)) found.push([key, bin, quantity]);
    }
    found.sort(([a], [b]) => (a < b ? -1 : 1));
    return found.map(([, bin, quantity]) => [bin, quantity]);
  }

  drainDirty(rows: StateRow[]): void {
    this.#rows.drainDirty(rows);
  }

  restore(key: string, value: string): void {
    this.#rows.restore(key, value);
    const { unit } = binOf(key);
    if (unit !== '') this.#index(unit, key, true);
  }

  #index(unit: string, key: string, isThere: boolean): void {
    const keys = this.#byUnit.get(unit);
    if (isThere) {
      if (keys === undefined) this.#byUnit.set(unit, new Set([key]));
      else keys.add(key);
      return;
    }
    keys?.delete(key);
    if (keys?.size === 0) this.#byUnit.delete(unit);
  }
}
