import type { EventPayload } from '#contracts/event-kinds.ts';
import type { SiteModel } from '../observe/site-model.ts';
import { goodsKey, type GoodsKind } from '../stock/bin.ts';
import { isKeptStatus } from '../stock/status-rule.ts';
import type { StockBook, Transfer } from '../stock/stock-book.ts';
import type { TransferredLine } from './transfer-book.ts';

/** What leaves for another gateway, in the words of `transfer.sent`. */

export type Sent = EventPayload<'transfer.sent'>;
export type SentUnit = NonNullable<Sent['units']>[number];
export type SentLine = TransferredLine & { readonly serials?: readonly string[] };

/** What leaves loose, from where it was. */
export type Leaving = Omit<Transfer, 'to'>;

/** What one event may carry of each; more leaves in parts, or not by one act. */
export const most = { lines: 500, units: 500, serials: 2000, unitSerials: 5000, unitGoods: 200 };

/** What is in a unit, outer ones first; undefined: more than one event can say. */
export function unitsIn({ containment }: StockBook, root: string): SentUnit[] | undefined {
  const units = containment.tree(root).map((unit): SentUnit => {
    const parent = unit === root ? undefined : containment.get(unit)?.parent;
    return {
      goods: containment.goodsIn(unit).map(([kind, quantity]) => goodsSaid(kind, quantity)),
      ...(parent === undefined ? {} : { parent }),
      serials: containment.serialsIn(unit),
      unit,
    };
  });
  const isLarge = units.some(({ goods, serials }) => {
    return serials.length > most.unitSerials || goods.length > most.unitGoods;
  });
  return units.length > most.units || isLarge ? undefined : units;
}

export function lineOf(site: SiteModel, of: Leaving, unit: string): SentLine {
  const { account } = of.from;
  const isKept = account.type === 'zone' && isKeptStatus(site, [account.zone, account.status]);
  const { owner, item, lot, quantity, serials } = of;
  const status: TransferredLine['status'] = isKept ? account.status : '';
  const line = { owner, item, lot, quantity, status, unit };
  return serials === undefined ? line : { ...line, serials };
}

/** One line for goods that nothing tells apart on their way. */
export function merged(lines: readonly SentLine[]): SentLine[] {
  const sums = new Map<string, SentLine>();
  for (const line of lines) {
    const key = `${goodsKey(line)}\n${line.status}`;
    const { quantity = 0 } = sums.get(key) ?? {};
    sums.set(key, { ...line, quantity: quantity + line.quantity });
  }
  return [...sums.values()];
}

/** In parts that one line can carry. */
export function inParts(leaving: readonly Leaving[]): Leaving[] {
  return leaving.flatMap((one): Leaving[] => {
    const { serials = [] } = one;
    if (serials.length <= most.serials) return [one];
    return chunks(serials, most.serials).map((some) => {
      return { ...one, quantity: some.length, serials: some };
    });
  });
}

export function saidLine({ serials, status, unit, ...of }: SentLine): Sent['lines'][number] {
  return {
    ...goodsSaid(of, of.quantity, unit),
    ...(serials === undefined ? {} : { serials: [...serials] }),
    ...(status === '' ? {} : { status }),
  };
}

export function goodsSaid({ item, lot, owner }: GoodsKind, quantity: number, unit = '') {
  return {
    item,
    ...(lot === '' ? {} : { lot }),
    owner,
    quantity,
    ...(unit === '' ? {} : { unit }),
  };
}

/** Held goods first. */
export function byHold(a: TransferredLine, b: TransferredLine): number {
  return Number(a.status === '') - Number(b.status === '');
}

export function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => {
    return all.slice(index * size, (index + 1) * size);
  });
}
