import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';
import { binKey, goodsKey, type Bin } from '../stock/bin.ts';
import type { StockBook, Transfer } from '../stock/stock-book.ts';
import { holdTransfers, isUsable } from './hold-zone.ts';

/** Perishable goods that left a zone. */
export type Departure = {
  readonly item: string;
  readonly lot: string;
  readonly owner: string;
  readonly zone: string;
  readonly quantity: number;
  readonly leftMs: number;
  /** Since when some of them were there; absent where the zone has no thermometer. */
  readonly sinceMs?: number;
  /** Absent: out of the zones of this gateway. */
  readonly toZone?: string;
  /** Of goods that are followed one by one. */
  readonly serials: readonly string[];
};

/** `leftSite`: what of them left the gateway's zones later, each time from where. */
interface Followed {
  readonly holds: readonly Transfer[];
  readonly leftSite: readonly Departure[];
}
/** So much of each is spoken for, by bin or departure: goods are counted once. */
type Taken = Map<string, number>;

/** What a sensor tells late is hours old; a logger that was away comes back within days. */
const keptMs = 7 * 24 * 3_600_000;
/** Serials and lots of all departures together; when there are more, the oldest quarter goes. */
export const mostKept = 10_000;

/**
 * Where perishable goods went, for a while: an excursion that is told after the fact concerns them
 * wherever they are by then.
 */
export class GoodsLeft {
  readonly #departures = new KeyedStore<Departure>('goods-left');
  #kept = 0;

  add(of: Departure): void {
    const key = keyOf(of);
    const before = this.#departures.get(key);
    const grown = {
      ...of,
      quantity: of.quantity + (before?.quantity ?? 0),
      serials: [...(before?.serials ?? []), ...of.serials],
    };
    this.#departures.set(key, grown);
    this.#kept += sizeOf(grown) - (before === undefined ? 0 : sizeOf(before));
    if (this.#kept > mostKept) this.#dropOldest();
  }

  /** Goods that were in a zone at some time of a span and are not any more, the first to leave first. */
  during(zone: string, fromMs: number, toMs: number, nowMs: number): Departure[] {
    return this.#inOrder().filter((one) => {
      const isRemembered = nowMs - one.leftMs <= keptMs;
      const wasThere = one.leftMs >= fromMs && (one.sinceMs ?? -Infinity) <= toMs;
      return one.zone === zone && isRemembered && wasThere;
    });
  }

  /** What has become of them: so much is still in the zones of this gateway, and so much left later. */
  followed(departures: readonly Departure[], stock: StockBook): Followed {
    const taken: Taken = new Map();
    const kinds = new Set(departures.map((one) => goodsKey(one)));
    const here = stock.quantities.where((bin) => isUsable(bin) && kinds.has(goodsKey(bin)));
    const bins = Map.groupBy(here, ([bin]) => goodsKey(bin));
    const later = Map.groupBy(this.#inOrder(), (one) => goodsKey(one));
    const all = departures.map((one) => {
      const kind = goodsKey(one);
      const onward = later.get(kind) ?? [];
      return one.serials.length > 0
        ? followSerials(one, onward, stock, taken)
        : followLot(one, onward, bins.get(kind) ?? [], taken);
    });
    return {
      holds: all.flatMap(({ holds }) => holds),
      leftSite: all.flatMap(({ leftSite }) => leftSite),
    };
  }

  drainDirty(rows: StateRow[]): void {
    this.#departures.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#departures.machine) return false;
    this.#departures.restore(key, value);
    const restored = this.#departures.get(key);
    this.#kept += restored === undefined ? 0 : sizeOf(restored);
    return true;
  }

  #dropOldest(): void {
    const [newest, ...older] = this.#inOrder().reverse();
    for (const one of older.reverse()) {
      if (newest === undefined || this.#kept <= (mostKept * 3) / 4) return;
      this.#departures.set(keyOf(one), undefined);
      this.#kept -= sizeOf(one);
    }
  }

  /** The first to leave first. */
  #inOrder(): Departure[] {
    return [...this.#departures.entries()]
      .sort(([a, { leftMs: x }], [b, { leftMs: y }]) => x - y || (a < b ? -1 : 1))
      .map(([, one]) => one);
  }
}

/** By quantity, from zone to zone. @param onward departures of the same goods, in order; as `bins` */
function followLot(
  departure: Departure,
  onward: readonly Departure[],
  bins: readonly (readonly [bin: Bin, quantity: number])[],
  taken: Taken,
): Followed {
  const holds: Transfer[] = [];
  const leftSite: Departure[] = [];
  let waiting: Departure[] = [departure];
  // Each goes on from where it came to, later than it came: this ends.
  while (waiting.length > 0) {
    const next: Departure[] = [];
    for (const { leftMs, quantity, toZone } of waiting) {
      if (toZone === undefined) continue;
      let left = quantity;
      for (const [bin, all] of bins) {
        if (bin.zone !== toZone) continue;
        const part = take(taken, binKey(bin), all, left);
        holds.push(...holdTransfers(bin, part, []));
        left -= part;
      }
      for (const on of onward) {
        if (on.zone !== toZone || on.leftMs <= leftMs) continue;
        const part = take(taken, keyOf(on), on.quantity, left);
        left -= part;
        if (part > 0) (on.toZone === undefined ? leftSite : next).push({ ...on, quantity: part });
      }
    }
    waiting = next;
  }
  return { holds, leftSite };
}

/** Each one where it is: it may have gone on, or been held already. */
function followSerials(
  { item, lot, owner, serials, leftMs }: Departure,
  onward: readonly Departure[],
  stock: StockBook,
  taken: Taken,
): Followed {
  const holds = [...serials].sort().flatMap((epc) => {
    const [zone, status] = stock.loosePlaceOf(epc) ?? [];
    if (zone === undefined || status === undefined) return [];
    const bin = { owner, item, lot, zone, status, unit: '' };
    return isUsable(bin) && take(taken, epc, 1, 1) > 0 ? holdTransfers(bin, 1, [epc]) : [];
  });
  const asked = new Set(serials);
  const leftSite = onward
    .filter((one) => one.toZone === undefined && one.leftMs > leftMs)
    .map((one) => {
      const gone = one.serials.filter((epc) => {
        return asked.has(epc) && take(taken, `${keyOf(one)}\n${epc}`, 1, 1) > 0;
      });
      return { ...one, quantity: gone.length, serials: gone };
    })
    .filter(({ quantity }) => quantity > 0);
  return { holds, leftSite };
}

/** @returns how much of `wanted` is there and not spoken for; it is from now on */
function take(taken: Taken, key: string, all: number, wanted: number): number {
  const before = taken.get(key) ?? 0;
  const part = Math.max(0, Math.min(wanted, all - before));
  taken.set(key, before + part);
  return part;
}

function keyOf(of: Departure): string {
  return `${of.leftMs}\n${of.zone}\n${of.toZone ?? ''}\n${goodsKey(of)}`;
}

function sizeOf({ serials }: Departure): number {
  return Math.max(1, serials.length);
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
