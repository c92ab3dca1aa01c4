import { KeyedStore } from '../observe/keyed-store.ts';
import { meanKineticMilliC } from '../observe/mean-kinetic.ts';
import type { StateRow } from '../observe/state-row.ts';
import type { ZoneWarmth } from '../observe/zone-warmth.ts';
import { goodsKey, goodsKindOf, type GoodsKind } from './bin.ts';
import type { QuantityBook } from './quantity-book.ts';

/** Goods of one kind in a zone with a thermometer, since some of them are there without a break. */
export interface LotStay extends GoodsKind {
  readonly zone: string;
  readonly quantity: number;
  readonly sinceMs: number;
  /** So much of that time is a temperature known of. */
  readonly coveredMs: number;
  /** Thousandths of a °C; undefined while no temperature is known. */
  readonly meanKineticMilliC: number | undefined;
}

/** The zone's sums when the stay began. */
type Stay = {
  readonly coveredMs: number;
  readonly quantity: number;
  readonly sinceMs: number;
  readonly sum: string;
};

/**
 * Which goods are in the zones whose temperature is known, and how warm they had it. Nothing is
 * done per reading and lot: a stay keeps its zone's sums as they were when it began.
 */
export class LotStays {
  readonly #stays = new KeyedStore<Stay>('lot-stay');
  readonly #warmth: ZoneWarmth;

  constructor(warmth: ZoneWarmth) {
    this.#warmth = warmth;
  }

  /** All that is in a zone of which the first temperature came. */
  begin(zone: string, quantities: QuantityBook, nowMs: number): void {
    for (const [bin, quantity] of quantities.where((one) => one.zone === zone)) {
      this.change(zone, bin, quantity, nowMs);
    }
  }

  /** So much more of the goods is in the zone. */
  change(zone: string, kind: GoodsKind, by: number, nowMs: number): void {
    if (!this.#warmth.has(zone)) return;
    const key = `${zone}\n${goodsKey(kind)}`;
    const before = this.#stays.get(key);
    const quantity = (before?.quantity ?? 0) + by;
    if (quantity === 0) {
      this.#stays.set(key, undefined);
    } else if (before !== undefined && before.quantity > 0) {
      this.#stays.set(key, { ...before, quantity });
    } else {
      const { coveredMs, sum } = this.#warmth.mark(zone, nowMs) ?? { coveredMs: 0, sum: 0n };
      this.#stays.set(key, { coveredMs, quantity, sinceMs: nowMs, sum: String(sum) });
    }
  }

  stayOf(zone: string, kind: GoodsKind, nowMs: number): LotStay | undefined {
    const key = `${zone}\n${goodsKey(kind)}`;
    const stay = this.#stays.get(key);
    return stay === undefined ? undefined : this.#told(key, stay, nowMs);
  }

  /** Stays that fit, in the order of zone, owner, item and lot. @param nowMs of the last entry */
  where(fits: (zone: string, kind: GoodsKind) => boolean, nowMs: number): LotStay[] {
    const found: string[] = [];
    for (const [key, { quantity }] of this.#stays.entries()) {
      const { zone, kind } = partsOf(key);
      if (quantity > 0 && fits(zone, kind)) found.push(key);
    }
    return found.sort().flatMap((key) => {
      const stay = this.#stays.get(key);
      return stay === undefined ? [] : [this.#told(key, stay, nowMs)];
    });
  }

  drainDirty(rows: StateRow[]): void {
    this.#stays.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#stays.machine) return false;
    this.#stays.restore(key, value);
    return true;
  }

  #told(key: string, stay: Stay, nowMs: number): LotStay {
    const { zone, kind } = partsOf(key);
    const mark = this.#warmth.mark(zone, nowMs) ?? { coveredMs: 0, sum: 0n };
    const coveredMs = mark.coveredMs - stay.coveredMs;
    return {
      zone,
      ...kind,
      quantity: stay.quantity,
      sinceMs: stay.sinceMs,
      coveredMs,
      meanKineticMilliC: meanKineticMilliC(mark.sum - BigInt(stay.sum), coveredMs),
    };
  }
}

function partsOf(key: string): { zone: string; kind: GoodsKind } {
  const feed = key.indexOf('\n');
  return { zone: key.slice(0, feed), kind: goodsKindOf(key.slice(feed + 1)) };
}
