import type { SelectQueryBuilder } from 'kysely';
import type { StockPage, StockQuery, StockRow } from '#contracts/api/stock-api.ts';
import type { Clock } from '#contracts/time.ts';
import type { Database, StockTable } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { completenessOf } from './completeness.ts';
import type { GatewayDirectory } from './gateway-view.ts';

const defaultLimit = 100;

const sortColumns = {
  site: 'site',
  zone: 'zone',
  item: 'item',
  status: 'status',
  quantity: 'quantity',
  changedAt: 'changed_at',
} as const satisfies Record<NonNullable<StockQuery['sort']>, keyof StockTable>;

/** Rows are unique by these, so that pages never overlap. */
const keyColumns = ['site', 'zone', 'item', 'status', 'owner', 'lot', 'handling_unit'] as const;

/** A page of stock, with the totals of everything the filter lets through. Zero rows are no stock. */
export async function queryStock(
  parts: { readonly store: Store; readonly gateways: GatewayDirectory; readonly clock: Clock },
  query: StockQuery,
): Promise<StockPage> {
  const { read } = parts.store;
  const asOfMs = parts.clock.nowMs();
  const totals = await filtered(read.selectFrom('stock'), query)
    .select((of) => [
      of.fn.countAll<number>().as('total'),
      of.fn.sum<number | null>('quantity').as('quantity'),
    ])
    .executeTakeFirstOrThrow();
  let page = filtered(read.selectFrom('stock'), query).selectAll();
  const order = query.order ?? 'asc';
  if (query.sort !== undefined) page = page.orderBy(sortColumns[query.sort], order);
  for (const column of keyColumns) page = page.orderBy(column);
  const rows = await page
    .limit(query.limit ?? defaultLimit)
    .offset(query.offset ?? 0)
    .execute();
  return {
    rows: rows.map(stockRow),
    total: totals.total,
    totalQuantity: totals.quantity ?? 0,
    completeness: completenessOf(parts.gateways(), asOfMs, query.site),
  };
}

function filtered<O>(
  from: SelectQueryBuilder<Database, 'stock', O>,
  { site, zone, status, item }: StockQuery,
): SelectQueryBuilder<Database, 'stock', O> {
  let rows = from.where('quantity', '<>', 0);
  if (site !== undefined) rows = rows.where('site', '=', site);
  if (zone !== undefined) rows = rows.where('zone', '=', zone);
  if (status !== undefined) rows = rows.where('status', '=', status);
  // A range, not a pattern: what people type may hold % and _, and an index serves a range.
  if (item !== undefined && item !== '') {
    rows = rows.where('item', '>=', item).where('item', '<', `${item}\u{10FFFF}`);
  }
  return rows;
}

function stockRow(row: StockTable): StockRow {
  return {
    site: row.site,
    zone: row.zone,
    status: row.status as StockRow['status'],
    owner: row.owner,
    item: row.item,
    lot: row.lot === '' ? null : row.lot,
    handlingUnit: row.handling_unit === '' ? null : row.handling_unit,
    quantity: row.quantity,
    lastEvent: row.last_event,
    changedAt: row.changed_at,
  };
}
