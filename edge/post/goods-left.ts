import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';
import { goodsKey, type GoodsKind } from '../stock/bin.ts';
import type { StockBook, Transfer } from '../stock/stock-book.ts';
import { holdTransfers, isUsable } from './hold-zone.ts';

/** Perishable goods that left a zone. */
export type Departure = {
  readonly owner: string;
  readonly item: string;
  readonly lot: string;
  readonly zone: string;
  readonly quantity: number;
  readonly leftMs: number;
  /** Since when some of them were there; absent where the zone has no thermometer. */
  readonly sinceMs?: number;
  /** Absent: out of the zones of this gateway. */
  readonly toZone?: string;
  readonly serials: readonly string[];
};

/** `leftSite`: what of them left the gateway's zones later, each time from where. */
interface Followed {
  readonly holds: readonly Transfer[];
  readonly leftSite: readonly Departure[];
}

/** What a sensor tells late is hours old; a logger that was away comes back within days. */
const keptMs = 7 * 24 * 3_600_000;
const mostKept = 2000;

/**
 * Where perishable goods went, for a while: an excursion that is told after the fact concerns them
 * wherever they are by then.
 */
export class GoodsLeft {
  readonly #departures = new KeyedStore<Departure>('goods-left');

  add(of: Departure): void {
    if (this.#departures.size >= mostKept) this.#departures.set(this.#oldest(), undefined);
    const key = `${of.leftMs}\n${of.zone}\n${of.toZone ?? ''}\n${goodsKey(of)}`;
    const before = this.#departures.get(key);
    this.#departures.set(key, {
      ...of,
      quantity: of.quantity + (before?.quantity ?? 0),
      serials: [...(before?.serials ?? []), ...of.serials],
    });
  }

  /** Once in a while. */
  forget(nowMs: number): void {
    for (const [key, { leftMs }] of this.#departures.entries()) {
      if (nowMs - leftMs > keptMs) this.#departures.set(key, undefined);
    }
  }

  /** Goods that were in a zone at some time of a span and are not any more, the first to leave first. */
  during(zone: string, fromMs: number, toMs: number): Departure[] {
    return this.#inOrder((one) => {
      return one.zone === zone && one.leftMs >= fromMs && (one.sinceMs ?? -Infinity) <= toMs;
    }).map(([, one]) => one);
  }

  /** What has become of them: so much is still in the zones of this gateway, and so much left later. */
  followed(departure: Departure, stock: StockBook): Followed {
    if (departure.serials.length > 0) return this.#followedSerials(departure, stock);
    const holds: Transfer[] = [];
    const leftSite: Departure[] = [];
    const taken = new Map<string, number>();
    let waiting: Departure[] = [departure];
    // Each goes on from where it came to, later than it came: this ends.
    while (waiting.length > 0) {
      const next: Departure[] = [];
      for (const { leftMs, quantity, toZone } of waiting) {
        if (toZone === undefined) continue;
        let left = quantity;
        const here = (bin: GoodsKind & { zone: string }) =>
          bin.zone === toZone && goodsKey(bin) === goodsKey(departure);
        for (const [bin, all] of stock.quantities.where((one) => here(one) && isUsable(one))) {
          const key = `${bin.zone}\n${bin.status}\n${bin.unit}`;
          const part = Math.min(left, Math.max(0, all - (taken.get(key) ?? 0)));
          taken.set(key, (taken.get(key) ?? 0) + part);
          holds.push(...holdTransfers(bin, part, []));
          left -= part;
        }
        for (const [, on] of this.#inOrder((one) => here(one) && one.leftMs > leftMs)) {
          const part = Math.min(left, on.quantity);
          left -= part;
          if (part <= 0) continue;
          const gone = { ...on, quantity: part };
          (on.toZone === undefined ? leftSite : next).push(gone);
        }
      }
      waiting = next;
    }
    return { holds, leftSite };
  }

  /** Each one where it is: it may have gone on, or been held already. */
  #followedSerials({ item, lot, owner, serials, leftMs }: Departure, stock: StockBook): Followed {
    const holds = [...serials].sort().flatMap((epc) => {
      const [zone, status] = stock.loosePlaceOf(epc) ?? [];
      if (zone === undefined || status === undefined) return [];
      const bin = { owner, item, lot, zone, status, unit: '' };
      return isUsable(bin) ? holdTransfers(bin, 1, [epc]) : [];
    });
    const leftSite = this.#inOrder((one) => one.toZone === undefined && one.leftMs > leftMs)
      .map(([, one]) => ({ ...one, serials: one.serials.filter((epc) => serials.includes(epc)) }))
      .filter((one) => one.serials.length > 0)
      .map((one) => ({ ...one, quantity: one.serials.length }));
    return { holds, leftSite };
  }

  drainDirty(rows: StateRow[]): void {
    this.#departures.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#departures.machine) return false;
    this.#departures.restore(key, value);
    return true;
  }

  /** Without sorting: a busy site asks with every movement. */
  #oldest(): string {
    let oldest: [key: string, leftMs: number] = ['', Infinity];
    for (const [key, { leftMs }] of this.#departures.entries()) {
      const [before, beforeMs] = oldest;
      if (leftMs < beforeMs || (leftMs === beforeMs && key < before)) oldest = [key, leftMs];
    }
    return oldest[0];
  }

  #inOrder(fits: (one: Departure) => boolean): [key: string, Departure][] {
    return [...this.#departures.entries()]
      .filter(([, one]) => fits(one))
      .sort(([a, { leftMs: x }], [b, { leftMs: y }]) => x - y || (a < b ? -1 : 1));
  }
}

/** What a transfer out of a zone is to be remembered as. */
export function departureOf(
  { item, lot, owner, quantity, serials = [], to }: Transfer,
  at: Pick<Departure, 'zone' | 'leftMs'> & { readonly sinceMs: number | undefined },
): Departure {
  const { sinceMs, ...rest } = at;
  const isLoose = to.unit === '' && serials.length === quantity;
  return {
    ...rest,
    owner,
    item,
    lot,
    quantity,
    ...(sinceMs !== undefined && { sinceMs }),
    ...(to.account.type === 'zone' && { toZone: to.account.zone }),
    serials: isLoose ? serials : [],
  };
}
