import { sql } from 'kysely';
import type { Static } from 'typebox';
import type { Outage, OutagesPage, outagesQuery } from '#contracts/api/outages-api.ts';
import type { Clock } from '#contracts/time.ts';
import type { OutageTable } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { GatewayDirectory, GatewayView } from './gateway-view.ts';

type Query = Static<typeof outagesQuery>;

const mostRows = 1_000;

/**
 * Interruptions that touch a span of time, newest first: those that journals tell of, and those that
 * go on now and of which no journal could tell yet.
 */
export async function queryOutages(
  parts: { readonly store: Store; readonly gateways: GatewayDirectory; readonly clock: Clock },
  query: Query,
): Promise<OutagesPage> {
  const asOfMs = parts.clock.nowMs();
  const gateways = new Map(parts.gateways().map((view) => [view.gateway, view]));
  const told = await journalled(parts.store, query);
  const open = await openUplinks(parts.store);
  const live = [...gateways.values()]
    .filter((view) => !open.has(view.gateway))
    .map(liveOutage)
    .filter((outage) => outage !== undefined)
    .filter((outage) => matches(outage, query));
  const outages = [...told.map((row) => outageOf(row, gateways.get(row.gateway))), ...live];
  return { asOfMs, outages: outages.sort((a, b) => b.startedAt - a.startedAt) };
}

async function journalled(store: Store, query: Query): Promise<OutageTable[]> {
  const { fromMs, toMs, site, type } = query;
  let rows = store.read.selectFrom('outage').selectAll();
  if (toMs !== undefined) rows = rows.where('started_at', '<=', toMs);
  if (fromMs !== undefined) {
    rows = rows.where((row) =>
      row.or([row('ended_at', 'is', null), row('ended_at', '>=', fromMs)]),
    );
  }
  if (site !== undefined) rows = rows.where('site', '=', site);
  if (type !== undefined) rows = rows.where('type', '=', type);
  return await rows.orderBy('started_at', 'desc').orderBy('id').limit(mostRows).execute();
}

async function openUplinks(store: Store): Promise<Set<string>> {
  const rows = await store.read
    .selectFrom('outage')
    .select('gateway')
    .where('type', '=', 'uplink')
    .where('state', '=', sql.lit('open'))
    .execute();
  return new Set(rows.map((row) => row.gateway));
}

function outageOf(row: OutageTable, view: GatewayView | undefined): Outage {
  return {
    id: row.id,
    site: row.site,
    gateway: row.gateway,
    device: row.device === '' ? null : row.device,
    type: row.type,
    state: stateOf(row, view),
    startedAt: row.started_at,
    endedAt: row.ended_at,
    reconciledAt: row.reconciled_at,
    kept: row.kept,
    replayed: row.replayed,
    lost: row.lost,
    doubled: row.doubled,
    cause: row.cause,
    headHashEqual: headHashEqual(row, view),
  };
}

/** The journal says that the link went; once the gateway is heard again, the rest is on its way. */
function stateOf(row: OutageTable, view: GatewayView | undefined): Outage['state'] {
  if (row.state === 'closed') return 'closed';
  const heard = view?.now !== undefined && !view.now.silent;
  return row.type === 'uplink' && heard ? 'draining' : 'open';
}

/**
 * Nothing is committed that does not chain to what was there, up to a hash that the gateway signed.
 * So an event that is committed proves all before it equal; a halted lane found them unequal.
 */
function headHashEqual(row: OutageTable, view: GatewayView | undefined): boolean | null {
  if (row.type !== 'uplink' && row.type !== 'gateway') return null;
  if (row.state === 'closed') return true;
  return view?.lane?.halted === true ? false : null;
}

/** A gateway that cannot be heard, or that works off what it kept meanwhile. */
function liveOutage({ site, gateway, now }: GatewayView): Outage | undefined {
  if (now === undefined) return undefined;
  const { silence } = now;
  const draining = now.facts.health.uplink === 'draining';
  if (!now.silent && (silence?.toMs === undefined || !draining)) return undefined;
  return {
    id: `now/${gateway}`,
    site,
    gateway,
    device: null,
    type: 'uplink',
    state: now.silent ? 'open' : 'draining',
    startedAt: now.silent ? now.receivedAt : (silence?.fromMs ?? now.receivedAt),
    endedAt: now.silent ? null : (silence?.toMs ?? null),
    reconciledAt: null,
    kept: null,
    replayed: null,
    lost: null,
    doubled: null,
    cause: 'not heard: link, gateway or power',
    headHashEqual: null,
  };
}

function matches(outage: Outage, { fromMs, toMs, site, type }: Query): boolean {
  return (
    (toMs === undefined || outage.startedAt <= toMs) &&
    (fromMs === undefined || outage.endedAt === null || outage.endedAt >= fromMs) &&
    (site === undefined || outage.site === site) &&
    (type === undefined || outage.type === type)
  );
}
