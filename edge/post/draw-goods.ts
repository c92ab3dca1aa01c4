import type { Goods } from '#contracts/goods.ts';
import type { StockStatus } from '#contracts/posting.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { binKey, kindOfGoods, zoneAccount, type Bin, type GoodsKind } from '../stock/bin.ts';
import type { TrackedStep } from '../stock/item-rules.ts';
import type { StockBook, Transfer } from '../stock/stock-book.ts';
import { mayActFor } from './act-check.ts';
import { fault, type ActContext, type ActFault } from './act-context.ts';

/** Goods that were found where somebody says they are. */
export interface Drawn extends GoodsKind {
  readonly quantity: number;
  readonly serials?: readonly string[];
  readonly zone: string;
  readonly status: StockStatus;
  /** The outermost unit that they are in, and the one that they are directly in; or ''. */
  readonly root: string;
  readonly holder: string;
}

/** Where to draw from. Statuses in order of preference; the first that has enough serves. */
export interface DrawFrom {
  readonly zone: string;
  readonly statuses: readonly StockStatus[];
  readonly step: TrackedStep;
}

/** Finds named goods in the book: what is not there cannot be taken, and the act is refused. */
export function drawGoods(ctx: ActContext, goods: Goods, from: DrawFrom): Drawn[] | ActFault {
  const { serials } = goods;
  if (serials !== undefined) {
    if (serials.length !== goods.quantity || new Set(serials).size !== serials.length) {
      return fault('serials-mismatch', `${serials.length} serials for ${goods.quantity}`);
    }
    return drawSerials(ctx, serials, from, goods.item);
  }
  const { items } = ctx.turn.site;
  if (items.needsSerials(goods.item, from.step)) return fault('serials-required', goods.item);
  return drawQuantity(ctx, goods, from);
}

/** `item`: what they must be; undefined: whatever they are. */
export function drawSerials(
  ctx: ActContext,
  serials: readonly string[],
  { zone }: Pick<DrawFrom, 'zone'>,
  item?: string,
): Drawn[] | ActFault {
  const { stock } = ctx.books;
  const drawn = new Map<string, Drawn & { readonly serials: string[] }>();
  // Inside a unit the book knows statuses by quantity only: they are used up one by one.
  const taken = new Map<string, number>();
  for (const epc of serials) {
    const named = decodeEpc(epc);
    if (named.scheme !== 'sgtin' || (item !== undefined && named.gtin14 !== item)) {
      return fault('serials-mismatch', `${epc} is no ${item ?? 'serial of an item'}`);
    }
    const place = stock.placeOf(epc, named.gtin14);
    if (place?.[0] !== zone) return fault('serial-elsewhere', `${epc} ${place?.[0] ?? 'nowhere'}`);
    const kind = stock.kindOf(epc, named.gtin14);
    if (!mayActFor(ctx.lease, kind.owner)) return fault('owner-not-permitted', kind.owner);
    const holder = stock.containment.unitOfSerial(epc) ?? '';
    const root = holder === '' ? '' : stock.containment.rootOf(holder);
    const statuses =
      root === '' ? [place[1]] : stock.binsInUnit(root, kind).map(({ status }) => status);
    const one = statuses
      .map((status) => ({ ...kind, zone, status, root, holder }))
      .find((bin) => stock.quantities.quantityIn(binOf(bin)) > (taken.get(keyOf(bin)) ?? 0));
    if (one === undefined) return fault('beyond-balance', `${kind.item} in ${zone}`);
    taken.set(keyOf(one), (taken.get(keyOf(one)) ?? 0) + 1);
    const key = `${holder}\n${keyOf(one)}`;
    const all = [...(drawn.get(key)?.serials ?? []), epc];
    drawn.set(key, { ...one, quantity: all.length, serials: all });
  }
  return [...drawn.values()];
}

function keyOf(of: Omit<Drawn, 'quantity'>): string {
  return binKey(binOf(of));
}

function drawQuantity(ctx: ActContext, goods: Goods, from: DrawFrom): Drawn[] | ActFault {
  const { stock } = ctx.books;
  const holder = goods.handlingUnit ?? '';
  const root = holder === '' ? '' : stock.containment.rootOf(holder);
  if (holder !== '') {
    const state = stock.containment.get(root);
    if (state === undefined) return fault('unknown-unit', holder);
    if (state.zone !== from.zone) return fault('unit-elsewhere', state.zone);
  }
  const kind = lotOf(ctx, goods, from.zone, root);
  if (kind === undefined) return fault('lot-required', goods.item);
  const { quantity } = goods;
  if (holder !== '' && unserialisedIn(stock, holder, kind) < quantity) {
    return fault('not-in-unit', `${kind.item} in ${holder}`);
  }
  let most = 0;
  for (const status of from.statuses) {
    const bin: Bin = { ...kind, zone: from.zone, status, unit: root };
    const free = unserialisedOf(stock, bin);
    if (free >= quantity) return [{ ...kind, quantity, zone: from.zone, status, root, holder }];
    most = Math.max(most, free);
  }
  return fault('beyond-balance', `${most} of ${quantity} ${goods.item} in ${from.zone}`);
}

/** An item that is kept by lot needs one; where there is only one, that is meant. */
function lotOf(ctx: ActContext, goods: Goods, zone: string, root: string): GoodsKind | undefined {
  const kind = kindOfGoods(goods);
  if (kind.lot !== '' || !ctx.turn.site.items.needsLot(kind.item)) return kind;
  const bins = ctx.books.stock.quantities.where((bin) => {
    const isSame = bin.item === kind.item && bin.owner === kind.owner;
    return isSame && bin.zone === zone && bin.unit === root;
  });
  const lots = new Set(bins.map(([{ lot }]) => lot));
  const [only] = lots;
  return only === undefined || lots.size > 1 || only === '' ? undefined : { ...kind, lot: only };
}

/** What of an account is only counted: beside it stand serials that the book follows. */
export function unserialisedOf(stock: StockBook, bin: Bin): number {
  return stock.quantities.quantityIn(bin) - (bin.unit === '' ? stock.serialsIn(bin).length : 0);
}

/** Directly in a unit, without its serials. */
export function unserialisedIn(stock: StockBook, holder: string, kind: GoodsKind): number {
  const { containment } = stock;
  const all = containment
    .goodsIn(holder)
    .find(([one]) => one.item === kind.item && one.lot === kind.lot && one.owner === kind.owner);
  const serials = containment.serialsIn(holder).filter((epc) => {
    const named = decodeEpc(epc);
    if (named.scheme !== 'sgtin' || named.gtin14 !== kind.item) return false;
    const { owner, lot } = stock.kindOf(epc, kind.item);
    return owner === kind.owner && lot === kind.lot;
  });
  return (all?.[1] ?? 0) - serials.length;
}

/** What is in a unit and all within it, drawn from the accounts of its outermost unit. */
export function drawUnit(
  { books: { stock }, lease }: ActContext,
  unit: string,
  fits: (status: StockStatus) => boolean = () => true,
): Drawn[] | ActFault {
  const root = stock.containment.rootOf(unit);
  const drawn: Drawn[] = [];
  for (const [kind, quantity] of stock.containment.contentsOf(unit)) {
    if (!mayActFor(lease, kind.owner)) return fault('owner-not-permitted', kind.owner);
    let left = quantity;
    for (const bin of stock.binsInUnit(root, kind)) {
      const most = Math.min(left, stock.quantities.quantityIn(bin));
      if (most <= 0 || !fits(bin.status)) continue;
      const { zone, status } = bin;
      drawn.push({ ...kind, quantity: most, zone, status, root, holder: unit });
      left -= most;
    }
  }
  return drawn;
}

export function binOf({ zone, status, owner, item, lot, root }: Omit<Drawn, 'quantity'>): Bin {
  return { zone, status, owner, item, lot, unit: root };
}

/** Out of the account that goods were drawn from. */
export function transferOf(drawn: Drawn, to: Transfer['to']): Transfer {
  const { owner, item, lot, quantity, serials, zone, status, root } = drawn;
  const from = { account: zoneAccount(zone, status), unit: root };
  return { owner, item, lot, quantity, ...(serials === undefined ? {} : { serials }), from, to };
}
