import { assert } from '#contracts/assert.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';
import { goodsKey, goodsKindOf, type GoodsKind } from './bin.ts';

/**
 * A handling unit. Of an outermost one `zone` says where it is; '' means not here: expected, or,
 * with `goneMs`, gone since then. `document` announced it.
 */
export type UnitState = {
  readonly document: string;
  readonly goneMs: number;
  readonly parent: string;
  readonly zone: string;
};

/**
 * Which serials, goods and units are directly in which handling unit: a forest. What a unit holds
 * directly is kept with its serials counted in, so that the contents of a tree are a sum.
 */
export class Containment {
  static readonly unitMachine = 'unit';
  readonly #units = new KeyedStore<UnitState>(Containment.unitMachine);
  /** Serial → the unit that it is directly in. */
  readonly #inside = new KeyedStore<string>('inside');
  /** `unit \n owner \n item \n lot` → quantity directly in it. */
  readonly #goods = new KeyedStore<number>('content');
  readonly #unitsIn = new Index();
  readonly #serialsIn = new Index();
  readonly #goodsIn = new Index();

  get(unit: string): UnitState | undefined {
    return this.#units.get(unit);
  }

  /** In no particular order. */
  units(): MapIterator<[string, UnitState]> {
    return this.#units.entries();
  }

  unitOfSerial(epc: string): string | undefined {
    return this.#inside.get(epc);
  }

  rootOf(unit: string): string {
    let at = unit;
    for (let parent = this.#parentOf(at); parent !== ''; parent = this.#parentOf(at)) at = parent;
    return at;
  }

  isWithin(unit: string, ancestor: string): boolean {
    for (let at = unit; at !== ''; at = this.#parentOf(at)) if (at === ancestor) return true;
    return false;
  }

  /** The unit and all within it, each before what it contains. */
  tree(unit: string): string[] {
    const units = [unit];
    for (let index = 0; index < units.length; index += 1) {
      units.push(...this.unitsIn(units[index] ?? ''));
    }
    return units;
  }

  unitsIn(unit: string): string[] {
    return this.#unitsIn.of(unit);
  }

  /** Directly in it. */
  serialsIn(unit: string): string[] {
    return this.#serialsIn.of(unit);
  }

  /** Directly in it, serials included. */
  goodsIn(unit: string): [kind: GoodsKind, quantity: number][] {
    return this.#goodsIn.of(unit).map((key) => {
      return [goodsKindOf(key), this.#goods.get(`${unit}\n${key}`) ?? 0];
    });
  }

  /** Of the whole tree below it, and in it. */
  contentsOf(unit: string): [kind: GoodsKind, quantity: number][] {
    const sums = new Map<string, number>();
    for (const one of this.tree(unit)) {
      for (const [kind, quantity] of this.goodsIn(one)) {
        const key = goodsKey(kind);
        sums.set(key, (sums.get(key) ?? 0) + quantity);
      }
    }
    return [...sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, quantity]) => [goodsKindOf(key), quantity]);
  }

  serialCountOf(unit: string): number {
    return this.tree(unit).reduce((sum, one) => sum + this.#serialsIn.countOf(one), 0);
  }

  /** Makes the unit known, or changes what is known of it. */
  put(unit: string, state: UnitState): void {
    const { parent } = state;
    assert(parent === '' || !this.isWithin(parent, unit), 'a unit is not within itself');
    const before = this.#parentOf(unit);
    if (before !== '') this.#unitsIn.remove(before, unit);
    if (parent !== '') this.#unitsIn.add(parent, unit);
    this.#units.set(unit, state);
  }

  /** Serials are goods too: the caller adds their quantity. */
  putSerial(epc: string, unit: string): void {
    this.takeSerial(epc);
    this.#inside.set(epc, unit);
    this.#serialsIn.add(unit, epc);
  }

  takeSerial(epc: string): void {
    const unit = this.#inside.get(epc);
    if (unit === undefined) return;
    this.#serialsIn.remove(unit, epc);
    this.#inside.set(epc, undefined);
  }

  addGoods(unit: string, kind: GoodsKind, quantity: number): void {
    const kindKey = goodsKey(kind);
    const key = `${unit}\n${kindKey}`;
    const sum = (this.#goods.get(key) ?? 0) + quantity;
    this.#goods.set(key, sum === 0 ? undefined : sum);
    if (sum === 0) this.#goodsIn.remove(unit, kindKey);
    else this.#goodsIn.add(unit, kindKey);
  }

  isEmpty(unit: string): boolean {
    return (
      this.#unitsIn.countOf(unit) === 0 &&
      this.#serialsIn.countOf(unit) === 0 &&
      this.#goodsIn.countOf(unit) === 0
    );
  }

  /** Forgets the unit and all within it. */
  forget(unit: string): void {
    for (const one of this.tree(unit)) {
      for (const epc of this.serialsIn(one)) this.takeSerial(epc);
      for (const [kind, quantity] of this.goodsIn(one)) this.addGoods(one, kind, -quantity);
    }
    for (const one of this.tree(unit).reverse()) {
      const parent = this.#parentOf(one);
      if (parent !== '') this.#unitsIn.remove(parent, one);
      this.#units.set(one, undefined);
    }
  }

  drainDirty(rows: StateRow[]): void {
    for (const store of [this.#units, this.#inside, this.#goods]) store.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === this.#units.machine) {
      this.#units.restore(key, value);
      const parent = this.#parentOf(key);
      if (parent !== '') this.#unitsIn.add(parent, key);
    } else if (machine === this.#inside.machine) {
      this.#inside.restore(key, value);
      this.#serialsIn.add(this.#inside.get(key) ?? '', key);
    } else if (machine === this.#goods.machine) {
      this.#goods.restore(key, value);
      const cut = key.indexOf('\n');
      this.#goodsIn.add(key.slice(0, cut), key.slice(cut + 1));
    } else return false;
    return true;
  }

  #parentOf(unit: string): string {
    return this.#units.get(unit)?.parent ?? '';
  }
}

/** Members by holder: derived from the rows, so that order is by name and not by arrival. */
class Index {
  readonly #members = new Map<string, Set<string>>();

  of(holder: string): string[] {
    return [...(this.#members.get(holder) ?? [])].sort();
  }

  countOf(holder: string): number {
    return this.#members.get(holder)?.size ?? 0;
  }

  add(holder: string, member: string): void {
    const members = this.#members.get(holder);
    if (members === undefined) this.#members.set(holder, new Set([member]));
    else members.add(member);
  }

  remove(holder: string, member: string): void {
    const members = this.#members.get(holder);
    members?.delete(member);
    if (members?.size === 0) this.#members.delete(holder);
  }
}
