import type { ActOf } from '#contracts/acts.ts';
import { draft } from '#contracts/envelope.ts';
import type { Goods } from '#contracts/goods.ts';
import type { StockStatus } from '#contracts/posting.ts';
import { binKey, zoneAccount } from '../stock/bin.ts';
import { draftFields } from '../stock/turn.ts';
import { mayActIn } from './act-check.ts';
import { fault, isFault, statementOf, type ActContext, type ActFault } from './act-context.ts';
import {
  binOf,
  drawGoods,
  drawSerials,
  drawUnit,
  transferOf,
  unserialisedIn,
  type Drawn,
} from './draw-goods.ts';
import { goodsSaid, sayUnpacked, takeOut, takeUnitOut } from './take-out.ts';

type Outcome = ActFault | undefined;

/** Puts loose goods, serials and whole units into or onto a unit that stands in the same zone. */
export function pack(ctx: ActContext<ActOf<'pack'>>): Outcome {
  const { act, books } = ctx;
  const { parent, zone, goods = [], serials = [], units = [] } = act;
  const { containment } = books.stock;
  if (goods.length + serials.length + units.length === 0) return fault('nothing-to-do', parent);
  const wrong = wrongParent(ctx) ?? units.map((unit) => wrongChild(ctx, unit)).find(isFault);
  if (wrong !== undefined) return wrong;
  const drawn = drawAll(ctx, zone, goods, serials, act.status);
  if (isFault(drawn)) return drawn;
  if (drawn.some(({ holder }) => holder === parent)) return fault('nothing-to-do', 'it is in it');
  if (containment.get(parent) === undefined) {
    containment.put(parent, { document: '', goneMs: 0, parent: '', zone });
  }
  takeOut(ctx, drawn);
  for (const unit of units) takeUnitOut(ctx, unit);
  for (const { owner, item, lot, quantity, serials: epcs = [] } of drawn) {
    for (const epc of epcs) containment.putSerial(epc, parent);
    containment.addGoods(parent, { owner, item, lot }, quantity);
  }
  sayPacked(ctx, drawn);
  regroup(ctx, drawn);
  for (const unit of units) {
    // Only now: what was taken out of the unit by name is not in its accounts any more.
    const inside = drawUnit(ctx, unit);
    const state = containment.get(unit);
    if (state !== undefined) containment.put(unit, { ...state, parent, zone: '' });
    if (!isFault(inside)) regroup(ctx, inside);
  }
  return undefined;
}

/** The accounts follow into the outermost unit of the parent; within it nothing changes. */
function regroup(ctx: ActContext<ActOf<'pack'>>, drawn: readonly Drawn[]): void {
  const { act, books, turn } = ctx;
  const { parent, zone } = act;
  const root = books.stock.containment.rootOf(parent);
  const transfers = drawn
    .filter((one) => one.root !== root)
    .map((one) => transferOf(one, { account: zoneAccount(zone, one.status), unit: root }));
  books.stock.post(turn, 'stock.regrouped', transfers, { ...statementOf(ctx), unit: parent });
}

function wrongParent({ act, books }: ActContext<ActOf<'pack'>>): Outcome {
  const { containment } = books.stock;
  if (containment.get(act.parent) === undefined) return undefined;
  const zone = containment.get(containment.rootOf(act.parent))?.zone ?? '';
  return zone === act.zone ? undefined : fault('unit-elsewhere', zone || 'it is not here');
}

function wrongChild({ act, books }: ActContext<ActOf<'pack'>>, unit: string): Outcome {
  const { containment } = books.stock;
  const state = containment.get(unit);
  if (state === undefined) return fault('unknown-unit', unit);
  const zone = containment.get(containment.rootOf(unit))?.zone ?? '';
  if (zone !== act.zone) return fault('unit-elsewhere', zone || `${unit} is not here`);
  if (containment.isWithin(act.parent, unit)) {
    return fault('containment-circle', `${act.parent} is in ${unit}`);
  }
  return state.parent === act.parent ? fault('nothing-to-do', `${unit} is in it`) : undefined;
}

/** All that is named, in one go: what is named twice is not there twice. */
function drawAll(
  ctx: ActContext,
  zone: string,
  goods: readonly Goods[],
  serials: readonly string[],
  status: StockStatus | undefined,
): Drawn[] | ActFault {
  const own = ctx.turn.site.zones.get(zone)?.status ?? 'available';
  const all: Drawn[] = [];
  for (const one of goods) {
    const found = drawGoods(ctx, one, { zone, statuses: [status ?? own], step: 'inside' });
    if (isFault(found)) return found;
    all.push(...found);
  }
  const found = drawSerials(ctx, serials, { zone });
  if (isFault(found)) return found;
  all.push(...found);
  return wrongTogether(ctx, all) ?? all;
}

/** Each may be there, and still not all of them. */
function wrongTogether({ books }: ActContext, drawn: readonly Drawn[]): ActFault | undefined {
  const keys = drawn
    .filter((one) => one.serials === undefined)
    .map((one) => `${one.holder}\n${one.owner}\n${one.item}\n${one.lot}`);
  const serials = drawn.flatMap((one) => one.serials ?? []);
  if (new Set(keys).size < keys.length || new Set(serials).size < serials.length) {
    return fault('serials-mismatch', 'the same goods are named twice');
  }
  const sums = new Map<string, number>();
  for (const one of drawn) {
    const bin = binOf(one);
    const sum = (sums.get(binKey(bin)) ?? 0) + one.quantity;
    sums.set(binKey(bin), sum);
    if (sum > books.stock.quantities.quantityIn(bin)) return fault('beyond-balance', one.item);
  }
  return undefined;
}

function sayPacked(ctx: ActContext<ActOf<'pack'>>, drawn: readonly Drawn[]): void {
  const { act, by, turn } = ctx;
  const goods = goodsSaid(drawn);
  const serials = drawn.flatMap((one) => one.serials ?? []);
  const payload = {
    by,
    ...(act.document === undefined ? {} : { document: act.document }),
    ...(goods.length === 0 ? {} : { goods }),
    parent: act.parent,
    ...(serials.length === 0 ? {} : { serials }),
    ...(act.units === undefined ? {} : { units: [...act.units] }),
    zone: act.zone,
  };
  turn.out.push(draft('unit.packed', payload, { ...draftFields(turn), handlingUnit: act.parent }));
}

/** Takes what is named out of a unit; with nothing named everything, and the unit is no more. */
export function unpack(ctx: ActContext<ActOf<'unpack'>>): Outcome {
  const { act, books, lease, turn } = ctx;
  const { parent } = act;
  const { containment } = books.stock;
  if (containment.get(parent) === undefined) return fault('unknown-unit', parent);
  const zone = containment.get(containment.rootOf(parent))?.zone ?? '';
  if (zone === '') return fault('unit-elsewhere', `${parent} is not here`);
  if (!mayActIn(lease, zone)) return fault('zone-not-permitted', zone);
  const isAll = act.goods === undefined && act.serials === undefined && act.units === undefined;
  const units = isAll ? containment.unitsIn(parent) : (act.units ?? []);
  const outside = units.find((unit) => containment.get(unit)?.parent !== parent);
  if (outside !== undefined) return fault('not-in-unit', outside);
  const drawn = isAll ? drawDirectly(ctx, parent, zone) : drawNamed(ctx, parent, zone);
  if (isFault(drawn)) return drawn;
  if (drawn.length + units.length === 0) {
    if (isAll) sayUnpacked(ctx, parent, [], []);
    return isAll ? undefined : fault('nothing-to-do', parent);
  }
  for (const unit of units) takeUnitOut(ctx, unit);
  takeOut(ctx, drawn);
  const transfers = drawn.map((one) =>
    transferOf(one, { account: zoneAccount(zone, one.status), unit: '' }),
  );
  books.stock.post(turn, 'stock.regrouped', transfers, { ...statementOf(ctx), unit: parent });
  return undefined;
}

function drawNamed(
  ctx: ActContext<ActOf<'unpack'>>,
  parent: string,
  zone: string,
): Drawn[] | ActFault {
  const { goods = [], serials = [] } = ctx.act;
  const { stock } = ctx.books;
  const stranger = [...serials, ...goods.flatMap((one) => one.serials ?? [])].find(
    (epc) => stock.containment.unitOfSerial(epc) !== parent,
  );
  if (stranger !== undefined) return fault('not-in-unit', stranger);
  const bins = stock.quantities.ofUnit(stock.containment.rootOf(parent));
  const statuses = [...new Set(bins.map(([{ status }]) => status))];
  const all: Drawn[] = [];
  for (const one of goods) {
    const inside = { ...one, handlingUnit: parent };
    const found = drawGoods(ctx, inside, { zone, statuses, step: 'inside' });
    if (isFault(found)) return found;
    all.push(...found);
  }
  const found = drawSerials(ctx, serials, { zone });
  if (isFault(found)) return found;
  all.push(...found);
  return wrongTogether(ctx, all) ?? all;
}

/** All that is directly in a unit: its serials, and what is only counted. */
function drawDirectly(ctx: ActContext, parent: string, zone: string): Drawn[] | ActFault {
  const { stock } = ctx.books;
  const root = stock.containment.rootOf(parent);
  const serials = drawSerials(ctx, stock.containment.serialsIn(parent), { zone });
  if (isFault(serials)) return serials;
  const all = [...serials];
  for (const [kind] of stock.containment.goodsIn(parent)) {
    let left = unserialisedIn(stock, parent, kind);
    for (const bin of stock.binsInUnit(root, kind)) {
      const drawnHere = all
        .filter((one) => one.status === bin.status && one.item === kind.item)
        .filter((one) => one.lot === kind.lot && one.owner === kind.owner)
        .reduce((sum, one) => sum + one.quantity, 0);
      const most = Math.min(left, stock.quantities.quantityIn(bin) - drawnHere);
      if (most <= 0) continue;
      all.push({ ...kind, quantity: most, zone, status: bin.status, root, holder: parent });
      left -= most;
    }
  }
  return all;
}
