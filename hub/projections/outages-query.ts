import { sql } from 'kysely';
import type { Outage, OutagesPage, OutagesQuery } from '#contracts/api/outages-api.ts';
import type { Clock } from '#contracts/time.ts';
import type { OutageTable } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { GatewayDirectory, GatewayView } from './gateway-view.ts';
import { queryLaneHalts } from './lane-outages.ts';

const defaultLimit = 200;

/** How pages are ordered: first what lasts, by its start; then what ended, by its end. */
interface Place {
  readonly part: 'lasting' | 'ended';
  readonly atMs: number;
  readonly id: string;
}

/**
 * Interruptions that touch a span of time: those that journals tell of, halts of lanes, and those
 * that go on now and of which no journal could tell yet. By page: what lasts comes first, the newest before the
 * older; then what ended, the last to end first, so that all that happened after the end of a page
 * is on it or before it.
 */
export async function queryOutages(
  parts: { readonly store: Store; readonly gateways: GatewayDirectory; readonly clock: Clock },
  query: OutagesQuery,
): Promise<OutagesPage> {
  const asOfMs = parts.clock.nowMs();
  const limit = query.limit ?? defaultLimit;
  const after = query.cursor === undefined ? undefined : parsePlace(query.cursor);
  const gateways = new Map(parts.gateways().map((view) => [view.gateway, view]));
  const found: Outage[] = [];
  const halts = (await queryLaneHalts(parts.store)).filter((halt) => matches(halt, query));
  if (after?.part !== 'ended') {
    const halted = halts.filter(({ state }) => state !== 'closed');
    found.push(...(await lasting(parts.store, gateways, query, after, limit + 1, halted)));
  }
  if (found.length <= limit) {
    const from = after?.part === 'ended' ? after : undefined;
    const room = limit + 1 - found.length;
    const rows = await journalled(parts.store, 'closed', query, from, room);
    const ended = rows.map((row) => outageOf(row, gateways.get(row.gateway)));
    const released = halts.filter(({ state }) => state === 'closed');
    found.push(...inOrder([...ended, ...released], from).slice(0, room));
  }
  const outages = found.slice(0, limit);
  const last = found.length > limit ? outages.at(-1) : undefined;
  return { asOfMs, outages, nextCursor: last === undefined ? null : placeText(placeOf(last)) };
}

/** What goes on, of the journals and of the present. */
async function lasting(
  store: Store,
  gateways: ReadonlyMap<string, GatewayView>,
  query: OutagesQuery,
  after: Place | undefined,
  limit: number,
  halted: readonly Outage[],
): Promise<Outage[]> {
  const told = await journalled(store, 'open', query, after, limit);
  const open = await openUplinks(store);
  const live = [...gateways.values()]
    .filter((view) => !open.has(view.gateway))
    .map(liveOutage)
    .filter((outage) => outage !== undefined)
    .filter((outage) => matches(outage, query));
  const journals = told.map((row) => outageOf(row, gateways.get(row.gateway)));
  return inOrder([...journals, ...halted, ...live], after).slice(0, limit);
}

/** Those of one part that come after a place, as pages show them. */
function inOrder(outages: readonly Outage[], after: Place | undefined): Outage[] {
  return outages
    .filter((outage) => after === undefined || comesAfter(placeOf(outage), after))
    .sort((a, b) => (comesAfter(placeOf(a), placeOf(b)) ? 1 : -1));
}

function placeOf(outage: Outage): Place {
  return outage.state === 'closed'
    ? { part: 'ended', atMs: outage.endedAt ?? 0, id: outage.id }
    : { part: 'lasting', atMs: outage.startedAt, id: outage.id };
}

/** Whether a place comes after another one of the same part. */
function comesAfter(place: Place, other: Place): boolean {
  return place.atMs < other.atMs || (place.atMs === other.atMs && place.id < other.id);
}

function placeText({ part, atMs, id }: Place): string {
  return `${part}_${atMs}_${id}`;
}

/** The schema let only such text through. */
function parsePlace(text: string): Place {
  const [part, atMs, id = ''] = text.split('_');
  return { part: part === 'ended' ? 'ended' : 'lasting', atMs: Number(atMs), id };
}

async function journalled(
  store: Store,
  state: OutageTable['state'],
  { fromMs, toMs, site, type }: OutagesQuery,
  after: Place | undefined,
  limit: number,
): Promise<OutageTable[]> {
  const types = type === undefined ? undefined : typesOf(type).filter((one) => one !== 'lane');
  if (types?.length === 0) return [];
  const at = state === 'open' ? 'started_at' : 'ended_at';
  // As a literal, so that SQLite sees that a partial index serves this.
  let rows = store.read.selectFrom('outage').selectAll().where('state', '=', sql.lit(state));
  if (toMs !== undefined) rows = rows.where('started_at', '<=', toMs);
  // What lasts has no end yet.
  if (fromMs !== undefined && state === 'closed') rows = rows.where('ended_at', '>=', fromMs);
  if (site !== undefined) rows = rows.where('site', '=', site);
  if (types !== undefined) rows = rows.where('type', 'in', types);
  if (after !== undefined) {
    rows = rows.where((row) => row(row.refTuple(at, 'id'), '<', row.tuple(after.atMs, after.id)));
  }
  return await rows.orderBy(at, 'desc').orderBy('id', 'desc').limit(limit).execute();
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
    cause: row.cause,
    endedBy: row.ended_by,
    release: null,
  };
}

/**
 * The journal says that the link went; once the gateway is heard again, the rest is on its way,
 * unless its lane is halted.
 */
function stateOf(row: OutageTable, view: GatewayView | undefined): Outage['state'] {
  if (row.state === 'closed') return 'closed';
  if (row.type !== 'uplink') return 'open';
  if (view?.lane?.halted === true) return 'halted';
  return view?.now !== undefined && !view.now.silent ? 'draining' : 'open';
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
    cause: 'not heard: link, gateway or power',
    endedBy: null,
    release: null,
  };
}

function matches(outage: Outage, { fromMs, toMs, site, type }: OutagesQuery): boolean {
  return (
    (toMs === undefined || outage.startedAt <= toMs) &&
    (fromMs === undefined || outage.endedAt === null || outage.endedAt >= fromMs) &&
    (site === undefined || outage.site === site) &&
    (type === undefined || typesOf(type).includes(outage.type))
  );
}

/** The schema let only names of types through. */
function typesOf(text: string): Outage['type'][] {
  return text.split(',') as Outage['type'][];
}
