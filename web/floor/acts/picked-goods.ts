import type { FloorStockRow } from '#contracts/api/floor-api.ts';
import type { Goods } from '#contracts/goods.ts';
import { formatCount } from '../../format/numbers.ts';
import type { GoodsSubject } from '../scan/subject.ts';

/** So much of one item and lot as was scanned together so far; scanning again adds. */
export interface PickedGoods {
  readonly item: string;
  readonly lot: string | undefined;
  /** Undefined: nobody said how many yet. */
  readonly quantity: number | undefined;
  readonly serials: readonly string[];
}

/** What a first scan picks: one thing by its serial, what the code counts, else nothing said. */
export function pick(subject: GoodsSubject): PickedGoods {
  const { item, lot, epc, count } = subject;
  if (epc !== undefined) return { item, lot, quantity: 1, serials: [epc] };
  return { item, lot, quantity: count, serials: [] };
}

/**
 * A further scan. The same item and lot adds (one for a code that counts nothing, a serial once
 * only); anything else begins anew.
 */
export function pickMore(picked: PickedGoods | undefined, subject: GoodsSubject): PickedGoods {
  if (picked?.item !== subject.item || !sameLot(picked.lot, subject.lot)) return pick(subject);
  const lot = picked.lot ?? subject.lot;
  if (subject.epc !== undefined) {
    if (picked.serials.includes(subject.epc)) return picked;
    const serials = [...picked.serials, subject.epc];
    return { ...picked, lot, serials, quantity: serials.length };
  }
  if (picked.serials.length > 0) return picked;
  return { ...picked, lot, quantity: (picked.quantity ?? 0) + (subject.count ?? 1) };
}

/**
 * Why a scan adds nothing to things that are taken one by one; undefined: it does, or it only says
 * which item is meant. A barcode does not say which tag its thing has: that must be known here.
 */
export function notAdded(
  { epc, item, serial }: GoodsSubject,
  bySerial: boolean,
  picked: PickedGoods | undefined,
): string | undefined {
  const hasOthers = picked?.item === item && picked.serials.length > 0;
  if (epc !== undefined || !(bySerial || hasOthers)) return undefined;
  if (serial !== undefined) return `No tag is known for serial ${serial} of ${item}: read its tag`;
  return hasOthers ? `This label of ${item} has no serial number: scan one that does` : undefined;
}

/** The goods of an act, out of `row` where it says which account. Quantity must be said. */
export function goodsOf(
  picked: PickedGoods & { readonly quantity: number },
  row?: Pick<FloorStockRow, 'lot' | 'owner' | 'handlingUnit'>,
): Goods {
  const lot = row?.lot ?? picked.lot;
  return {
    item: picked.item,
    quantity: picked.quantity,
    ...(lot === undefined ? {} : { lot }),
    ...(row === undefined ? {} : { owner: row.owner }),
    ...(row === undefined || row.handlingUnit === null ? {} : { handlingUnit: row.handlingUnit }),
    ...(picked.serials.length === 0 ? {} : { serials: [...picked.serials] }),
  };
}

/** `24 × 22423`. */
export function goodsWords(picked: Pick<PickedGoods, 'item' | 'quantity'>): string {
  return picked.quantity === undefined
    ? picked.item
    : `${formatCount(picked.quantity)} × ${picked.item}`;
}

function sameLot(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}
