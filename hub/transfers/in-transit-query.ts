import { sql, type Kysely } from 'kysely';
import type { InTransitPage, InTransitQuery, LaneRow } from '#contracts/api/in-transit-api.ts';
import { laneEnds } from '#contracts/posting.ts';
import type { Clock } from '#contracts/time.ts';
import type { Database } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

const defaultLimit = 100;

/** What is between gateways: by lane, and a page of what it is. A site sees what leaves and comes. */
export async function queryInTransit(
  { clock, store }: { readonly store: Pick<Store, 'read'>; readonly clock: Clock },
  query: InTransitQuery,
): Promise<InTransitPage> {
  const { read } = store;
  const sites = await sitesOf(read);
  const lanes = (await lanesOf(read, sites)).filter(({ from, lane, to }) => {
    const isOfSite = query.site === undefined || [from.site, to.site].includes(query.site);
    return isOfSite && (query.lane === undefined || query.lane === lane);
  });
  const names = lanes.map(({ lane }) => lane);
  if (names.length === 0) return { asOfMs: clock.nowMs(), lanes, rows: [], total: 0 };
  let of = read.selectFrom('in_transit').where('lane', 'in', names);
  const { item } = query;
  if (item !== undefined && item !== '') {
    of = of.where('item', '>=', item).where('item', '<', `${item}\u{10FFFF}`);
  }
  const { total } = await of
    .select((row) => row.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  let page = of.selectAll().orderBy('since');
  for (const column of ['lane', 'owner', 'item', 'lot', 'handling_unit', 'epc'] as const) {
    page = page.orderBy(column);
  }
  const rows = await page
    .limit(query.limit ?? defaultLimit)
    .offset(query.offset ?? 0)
    .execute();
  return {
    asOfMs: clock.nowMs(),
    lanes,
    rows: rows.map((row) => ({
      lane: row.lane,
      owner: row.owner,
      item: row.item,
      lot: row.lot === '' ? null : row.lot,
      handlingUnit: row.handling_unit === '' ? null : row.handling_unit,
      epc: row.epc === '' ? null : row.epc,
      quantity: row.quantity,
      since: row.since,
      lastEvent: row.last_event,
    })),
    total,
  };
}

async function lanesOf(
  db: Kysely<Database>,
  sites: ReadonlyMap<string, string>,
): Promise<LaneRow[]> {
  const sums = await db
    .selectFrom('in_transit')
    .select([
      'lane',
      sql<number>`sum(case when quantity > 0 then quantity else 0 end)`.as('on_the_way'),
    ])
    .select(sql<number>`sum(case when quantity < 0 then -quantity else 0 end)`.as('not_sent'))
    .select((row) => row.fn.min<number>('since').as('since'))
    .groupBy('lane')
    .orderBy('since')
    .orderBy('lane')
    .execute();
  const open = await db
    .selectFrom('transfer')
    .select(['lane', (row) => row.fn.countAll<number>().as('count')])
    .where('state', '=', 'open')
    .groupBy('lane')
    .execute();
  const counts = new Map(open.map(({ count, lane }) => [lane, count]));
  const endOf = (gateway = '') => ({ gateway, site: sites.get(gateway) ?? null });
  return sums.map(({ lane, not_sent: notSent, on_the_way: onTheWay, since }): LaneRow => {
    const { from, to } = laneEnds(lane) ?? {};
    const transfers = counts.get(lane) ?? 0;
    return { lane, from: endOf(from), to: endOf(to), onTheWay, notSent, since, transfers };
  });
}

async function sitesOf(db: Kysely<Database>): Promise<Map<string, string>> {
  const rows = await db.selectFrom('gateway').select(['gateway', 'site']).execute();
  return new Map(rows.map(({ gateway, site }) => [gateway, site]));
}
