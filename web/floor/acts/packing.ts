import type { GoodsSubject } from '../scan/subject.ts';
import type { NewAct } from './act-outbox.ts';
import { goodsOf, pick, pickMore, type PickedGoods } from './picked-goods.ts';

/** What goes into a unit or comes out of it, as far as it was scanned. */
export interface Packing {
  readonly goods: readonly PickedGoods[];
  readonly units: readonly string[];
}

export const noPacking: Packing = { goods: [], units: [] };

export function isEmpty({ goods, units }: Packing): boolean {
  return goods.length + units.length === 0;
}

/** One scan more. The same item and lot adds up; a code without a count says one. */
export function withGoods(packing: Packing, subject: GoodsSubject): Packing {
  const at = packing.goods.findIndex(
    ({ item, lot }) => item === subject.item && lot === subject.lot,
  );
  const counted = { ...subject, count: subject.count ?? 1 };
  if (at === -1) return { ...packing, goods: [...packing.goods, pick(counted)] };
  const goods = packing.goods.map((each, index) => (index === at ? pickMore(each, counted) : each));
  return { ...packing, goods };
}

export function withUnit(packing: Packing, unit: string): Packing {
  return packing.units.includes(unit) ? packing : { ...packing, units: [...packing.units, unit] };
}

export function withoutGoods(packing: Packing, at: number): Packing {
  return { ...packing, goods: packing.goods.filter((_, index) => index !== at) };
}

export function withQuantity(packing: Packing, at: number, quantity: number | undefined): Packing {
  const goods = packing.goods.map((each, index) => (index === at ? { ...each, quantity } : each));
  return { ...packing, goods };
}

export function packBody(parent: string, zone: string, packing: Packing): NewAct {
  return { type: 'pack', parent, zone, ...named(packing) };
}

/** With nothing named everything comes out, and the unit is no more. */
export function unpackBody(parent: string, packing: Packing): NewAct {
  return { type: 'unpack', parent, ...named(packing) };
}

/** Serials say themselves which item they are; only counted goods are named as goods. */
function named({ goods, units }: Packing) {
  const counted = goods.flatMap(({ quantity, ...rest }) =>
    quantity === undefined || rest.serials.length > 0 ? [] : [goodsOf({ ...rest, quantity })],
  );
  const serials = goods.flatMap((each) => each.serials);
  return {
    ...(counted.length === 0 ? {} : { goods: counted }),
    ...(serials.length === 0 ? {} : { serials }),
    ...(units.length === 0 ? {} : { units: [...units] }),
  };
}
