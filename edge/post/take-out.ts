import { draft } from '#contracts/envelope.ts';
import { defaultOwner } from '#contracts/ids.ts';
import { zoneAccount } from '../stock/bin.ts';
import { draftFields } from '../stock/turn.ts';
import type { ActContext, ActFault } from './act-context.ts';
import { isFault, statementOf } from './act-context.ts';
import { drawUnit, transferOf, type Drawn } from './draw-goods.ts';

/** Goods leave the units that they are directly in; their accounts are the caller's to post. */
export function takeOut(ctx: ActContext, drawn: readonly Drawn[]): void {
  const { containment } = ctx.books.stock;
  for (const parent of new Set(drawn.map(({ holder }) => holder))) {
    if (parent === '') continue;
    const mine = drawn.filter(({ holder }) => holder === parent);
    for (const { owner, item, lot, quantity, serials = [] } of mine) {
      for (const epc of serials) containment.takeSerial(epc);
      containment.addGoods(parent, { owner, item, lot }, -quantity);
    }
    sayUnpacked(ctx, parent, mine, []);
  }
}

/** A unit within another stands by itself from now on, in the same zone. */
export function takeUnitOut(ctx: ActContext, unit: string): ActFault | undefined {
  const { stock } = ctx.books;
  const { containment } = stock;
  const state = containment.get(unit);
  if (state === undefined || state.parent === '') return undefined;
  const zone = containment.get(containment.rootOf(unit))?.zone ?? '';
  const drawn = drawUnit(ctx, unit);
  if (isFault(drawn)) return drawn;
  const { parent } = state;
  containment.put(unit, { ...state, parent: '', zone });
  sayUnpacked(ctx, parent, [], [unit]);
  const transfers = drawn.map((one) =>
    transferOf(one, { account: zoneAccount(zone, one.status), unit }),
  );
  stock.post(ctx.turn, 'stock.regrouped', transfers, statementOf(ctx));
  return undefined;
}

/** Says what was taken out, and lets go of units that hold nothing any more. */
export function sayUnpacked(
  ctx: ActContext,
  parent: string,
  drawn: readonly Drawn[],
  units: readonly string[],
): void {
  const { stock } = ctx.books;
  const serials = drawn.flatMap((one) => one.serials ?? []);
  const goods = goodsSaid(drawn);
  const isEmpty = stock.containment.isEmpty(parent);
  const zone = stock.containment.get(stock.containment.rootOf(parent))?.zone ?? '';
  const payload = {
    by: ctx.by,
    dissolved: isEmpty,
    ...(goods.length === 0 ? {} : { goods }),
    parent,
    ...(serials.length === 0 ? {} : { serials }),
    ...(units.length === 0 ? {} : { units: [...units] }),
    ...(zone === '' ? {} : { zone }),
  };
  const fields = { ...draftFields(ctx.turn), handlingUnit: parent };
  ctx.turn.out.push(draft('unit.unpacked', payload, fields));
  if (isEmpty) stock.forgetUnit(parent);
}

/** Quantities as an aggregation event has them. */
export function goodsSaid(drawn: readonly Drawn[]) {
  return drawn.map(({ item, lot, owner, quantity }) => ({
    item,
    ...(lot === '' ? {} : { lot }),
    ...(owner === defaultOwner ? {} : { owner }),
    quantity,
  }));
}
