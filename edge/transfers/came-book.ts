import { ExpiringStore } from '../observe/expiring-store.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';
import { goodsKey, type GoodsKind } from '../stock/bin.ts';

/** Where something was taken from: a lane, or '' for the supplier; and the unit it was in there. */
export type CameFrom = readonly [lane: string, unit: string];

/** Word of a transfer comes with the hub; a site may be without it for this long. */
const rememberedMs = 30 * 24 * 3_600_000;

/**
 * What came in before anybody had told of it, so that it can be told from what is still on its way
 * when word comes: single things and units by name, loose goods as sums.
 */
export class CameBook {
  readonly #things = new ExpiringStore<CameFrom>('transfer-came', rememberedMs);
  /** When something was last posted here or came through a door; the book's own word for it. */
  readonly #seen = new ExpiringStore<number>('transfer-seen', rememberedMs);
  /** `lane \n goods` → base units. */
  readonly #goods = new KeyedStore<number>('transfer-unmatched');

  fromOf(thing: string): CameFrom | undefined {
    return this.#things.get(thing);
  }

  keep(thing: string, from: CameFrom, nowMs: number): void {
    this.#things.keep(thing, from, nowMs);
  }

  forget(thing: string): void {
    if (this.#things.get(thing) !== undefined) this.#things.forget(thing);
  }

  /** It was here then, whatever others saw before. @param atMs as events say it */
  see(thing: string, atMs: number, nowMs: number): void {
    this.#seen.keep(thing, Math.max(atMs, this.seenMs(thing)), nowMs);
  }

  seenMs(thing: string): number {
    return this.#seen.get(thing) ?? 0;
  }

  quantityOf(lane: string, kind: GoodsKind): number {
    return this.#goods.get(`${lane}\n${goodsKey(kind)}`) ?? 0;
  }

  /** Loose goods that no name leads to. */
  addGoods(lane: string, kind: GoodsKind, quantity: number): void {
    const sum = this.quantityOf(lane, kind) + quantity;
    this.#goods.set(`${lane}\n${goodsKey(kind)}`, sum > 0 ? sum : undefined);
  }

  tick(nowMs: number): void {
    this.#things.expire(nowMs);
    this.#seen.expire(nowMs);
  }

  drainDirty(rows: StateRow[]): void {
    this.#things.drainDirty(rows);
    this.#seen.drainDirty(rows);
    this.#goods.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    const store = [this.#things, this.#seen, this.#goods].find((one) => one.machine === machine);
    store?.restore(key, value);
    return store !== undefined;
  }
}
