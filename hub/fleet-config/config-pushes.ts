import type { ConfigPush, NewConfigPush, PushedGatewayRow } from '#contracts/api/config-api.ts';
import type { DownlinkOutcome } from '#contracts/downlink.ts';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import { appendDownlink, type DownlinkAuthor } from '../downlink/append-downlink.ts';
import type { DownlinkTables } from '../downlink/downlink-tables.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import { checkZoneOwners } from './check-zone-owners.ts';
import type { ConfigPushTable, FleetConfigTables } from './fleet-config-tables.ts';
import type { PushState } from './push-machine.ts';
import { readConfigVersion } from './config-versions.ts';

const listed = 50;

type Tables = FleetConfigTables & DownlinkTables;

/**
 * Has a version pushed, wave by wave, by the running hub. Nothing has gone out when this returns.
 *
 * @returns refusal NOT_FOUND for a version or gateway that is not there, CONFLICT for one that
 *   another push is still about, CONFIG_INVALID where two gateways of a site would own one zone.
 */
export async function startConfigPush(
  store: Store,
  clock: Clock,
  of: NewConfigPush & { readonly author: string },
): Promise<Result<number>> {
  const version = await readConfigVersion(store, of.version);
  if (!version.ok) return version;
  const owners = await checkZoneOwners(store, version.value.text, of.gateways);
  if (!owners.ok) return owners;
  return await store.write(async (tx) => {
    const db = tx.db.withTables<Tables>();
    const known = await db
      .selectFrom('gateway')
      .select(['gateway', 'site'])
      .where('gateway', 'in', of.gateways)
      .where('revoked_at', 'is', null)
      .execute();
    const sites = new Map(known.map(({ gateway, site }) => [gateway, site]));
    const unknown = of.gateways.filter((one) => !sites.has(one));
    if (unknown.length > 0) {
      return refuse('NOT_FOUND', `not registered here: ${unknown.slice(0, 5).join(', ')}`);
    }
    const busy = await db
      .selectFrom('config_push_gateway')
      .innerJoin('config_push', 'config_push.push', 'config_push_gateway.push')
      .select(['gateway', 'config_push.push as push'])
      .where('state', '=', 'running')
      .where('gateway', 'in', of.gateways)
      .executeTakeFirst();
    if (busy !== undefined) {
      return refuse('CONFLICT', `push ${busy.push} is still under way for ${busy.gateway}`);
    }
    return succeed(await insertPush(tx, clock, of, sites));
  });
}

async function insertPush(
  tx: WriteTransaction,
  clock: Clock,
  { author, gateways, version, waveSize }: NewConfigPush & { readonly author: string },
  sites: ReadonlyMap<string, string>,
): Promise<number> {
  const db = tx.db.withTables<Tables>();
  const last = await db
    .selectFrom('config_push')
    .select(({ fn }) => fn.max('push').as('push'))
    .executeTakeFirst();
  const push = (last?.push ?? 0) + 1;
  const row: ConfigPushTable = {
    push,
    version,
    wave_size: waveSize,
    state: 'running',
    reason: '',
    author,
    created_at: clock.nowMs(),
    ended_at: null,
  };
  await db.insertInto('config_push').values(row).execute();
  for (const [position, gateway] of gateways.entries()) {
    const site = sites.get(gateway) ?? '';
    await db
      .insertInto('config_push_gateway')
      .values({ push, position, site, gateway, seq: null, sent_at: null })
      .execute();
  }
  return push;
}

/** Gives the version of a push to more of its gateways: entries and push are one transaction. */
export async function sendConfigWave(
  store: Store,
  author: DownlinkAuthor,
  push: Pick<ConfigPush, 'push' | 'version'>,
  gateways: readonly string[],
): Promise<void> {
  await store.write(async (tx) => {
    const db = tx.db.withTables<Tables>();
    const running = await db
      .selectFrom('config_push')
      .innerJoin('config_version', 'config_version.version', 'config_push.version')
      .select('text')
      .where('push', '=', push.push)
      .where('state', '=', 'running')
      .executeTakeFirst();
    // Somebody cancelled it meanwhile.
    if (running === undefined) return;
    const due = await db
      .selectFrom('config_push_gateway')
      .select(['gateway', 'site', 'position'])
      .where('push', '=', push.push)
      .where('gateway', 'in', gateways)
      .where('seq', 'is', null)
      .execute();
    for (const { gateway, site, position } of due) {
      const seq = await appendDownlink(tx, author, { site, gateway }, 'config', running.text);
      await db
        .updateTable('config_push_gateway')
        .set({ seq, sent_at: author.clock.nowMs() })
        .where('push', '=', push.push)
        .where('position', '=', position)
        .execute();
    }
  });
}

/** @returns refusal NOT_FOUND, or CONFLICT for one that is over. */
export async function endConfigPush(
  store: Store,
  clock: Clock,
  of: {
    readonly push: number;
    readonly state: Exclude<PushState, 'running'>;
    readonly reason: string;
  },
): Promise<Result<void>> {
  return await store.write(async (tx) => {
    const db = tx.db.withTables<Tables>();
    const { push, reason, state } = of;
    const row = await db
      .selectFrom('config_push')
      .select('state')
      .where('push', '=', push)
      .executeTakeFirst();
    if (row === undefined) return refuse('NOT_FOUND', `there is no push ${push}`);
    if (row.state !== 'running') return refuse('CONFLICT', `push ${push} is ${row.state}`);
    await db
      .updateTable('config_push')
      .set({ state, reason, ended_at: clock.nowMs() })
      .where('push', '=', push)
      .execute();
    return succeed(undefined);
  });
}

/** The latest pushes, newest first; or those under way alone. */
export async function listConfigPushes(
  store: Store,
  only: { readonly state?: PushState; readonly push?: number } = {},
): Promise<ConfigPush[]> {
  const db = store.read.withTables<Tables>();
  let query = db.selectFrom('config_push').selectAll().orderBy('push', 'desc').limit(listed);
  if (only.state !== undefined) query = query.where('state', '=', only.state);
  if (only.push !== undefined) query = query.where('push', '=', only.push);
  const rows = await query.execute();
  if (rows.length === 0) return [];
  const gateways = await db
    .selectFrom('config_push_gateway')
    .leftJoin('downlink_entry', (join) =>
      join
        .onRef('downlink_entry.gateway', '=', 'config_push_gateway.gateway')
        .onRef('downlink_entry.seq', '=', 'config_push_gateway.seq'),
    )
    .select(['push', 'position', 'site', 'config_push_gateway.gateway as gateway', 'sent_at'])
    .select('outcome')
    .where(
      'push',
      'in',
      rows.map(({ push }) => push),
    )
    .orderBy('position')
    .execute();
  return rows.map((row) => {
    const own = gateways.filter(({ push }) => push === row.push);
    return {
      push: row.push,
      version: row.version,
      waveSize: row.wave_size,
      waves: Math.ceil(own.length / row.wave_size),
      state: row.state,
      reason: row.reason === '' ? null : row.reason,
      author: row.author,
      createdAt: row.created_at,
      endedAt: row.ended_at,
      gateways: own.map((one) => pushedRow(one, row)),
    };
  });
}

function pushedRow(
  of: {
    readonly position: number;
    readonly site: string;
    readonly gateway: string;
    readonly sent_at: number | null;
    readonly outcome: string | null;
  },
  { state, wave_size: waveSize }: ConfigPushTable,
): PushedGatewayRow {
  const outcome = of.outcome === null ? undefined : (JSON.parse(of.outcome) as DownlinkOutcome);
  const unsent = state === 'running' ? 'waiting' : 'left-out';
  return {
    gateway: of.gateway,
    site: of.site,
    wave: Math.floor(of.position / waveSize) + 1,
    state: of.sent_at === null ? unsent : (outcome?.result ?? 'sent'),
    sentAt: of.sent_at,
    settledAt: outcome?.atMs ?? null,
    reason: outcome?.text ?? null,
    faults: outcome?.faults ?? [],
  };
}
