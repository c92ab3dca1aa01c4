import { defaultOwner } from '#contracts/ids.ts';
import type { Account, StockStatus } from '#contracts/posting.ts';

/** What goods are, apart from how many: the empty text stands for no lot. */
export interface GoodsKind {
  readonly owner: string;
  readonly item: string;
  readonly lot: string;
}

/** Where a quantity is kept: one account of the site. `unit` is the outermost handling unit, or ''. */
export interface Bin extends GoodsKind {
  readonly zone: string;
  readonly status: StockStatus;
  readonly unit: string;
}

/** Items, lots and owners hold no control characters, so that a line feed can part them. */
export function goodsKey({ owner, item, lot }: GoodsKind): string {
  return `${owner}\n${item}\n${lot}`;
}

export function goodsKindOf(key: string): GoodsKind {
  const [owner = '', item = '', lot = ''] = key.split('\n');
  return { owner, item, lot };
}

export function binKey(bin: Bin): string {
  return `${bin.zone}\n${bin.status}\n${bin.owner}\n${bin.item}\n${bin.lot}\n${bin.unit}`;
}

export function binOf(key: string): Bin {
  const [zone = '', status = '', owner = '', item = '', lot = '', unit = ''] = key.split('\n');
  return { zone, status: status as StockStatus, owner, item, lot, unit };
}

export function zoneAccount(zone: string, status: StockStatus): Account {
  return { status, type: 'zone', zone };
}

/** What an act or a document names, with what it left out. */
export function kindOfGoods(of: {
  readonly item: string;
  readonly lot?: string;
  readonly owner?: string;
}): GoodsKind {
  return { owner: of.owner ?? defaultOwner, item: of.item, lot: of.lot ?? '' };
}
