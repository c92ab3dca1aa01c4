import type { Kysely } from 'kysely';
import type { SitePeoplePage, SitePersonRow } from '#contracts/api/site-people-api.ts';
import type { DownlinkTables } from '../downlink/downlink-tables.ts';
import type { Database } from '../store/schema.ts';
import type { SitePeopleTables, SitePersonTable } from './site-people-tables.ts';

/** Everybody, by user name; no secret. */
export async function readPeople(read: Kysely<Database>): Promise<SitePersonRow[]> {
  const tables = read.withTables<SitePeopleTables>();
  const rows = await tables.selectFrom('site_person').selectAll().orderBy('username_key').execute();
  const places = await tables
    .selectFrom('site_person_at')
    .selectAll()
    .where('left_at', 'is', null)
    .orderBy('site')
    .execute();
  return rows.map((row) =>
    personRow(
      row,
      places.filter(({ person }) => person === row.id).map(({ site }) => site),
    ),
  );
}

export function personRow(row: SitePersonTable, sites: string[]): SitePersonRow {
  return {
    id: row.id,
    username: row.username,
    name: row.name,
    role: row.role,
    sites,
    zones: row.zones === null ? null : (JSON.parse(row.zones) as string[]),
    limitEntry: row.limit_entry,
    limitTotal: row.limit_total,
    offlineDays: row.offline_days,
    credentialUntil: row.credential_until,
    revokedAt: row.revoked_at,
  };
}

/** Gateways that have not put the newest list of their site in force. */
export async function waitingGateways(read: Kysely<Database>): Promise<SitePeoplePage['waiting']> {
  const sent = await read
    .withTables<DownlinkTables>()
    .selectFrom('downlink_entry')
    .innerJoin('gateway', 'gateway.gateway', 'downlink_entry.gateway')
    .select(({ fn }) => ['gateway.gateway', 'gateway.site', fn.max('downlink_entry.seq').as('seq')])
    .where('downlink_entry.kind', '=', 'people')
    .groupBy(['gateway.gateway', 'gateway.site'])
    .orderBy('gateway.gateway')
    .execute();
  const waiting: SitePeoplePage['waiting'] = [];
  for (const { gateway, seq, site } of sent) {
    const last = await read
      .withTables<DownlinkTables>()
      .selectFrom('downlink_entry')
      .select('result')
      .where('gateway', '=', gateway)
      .where('seq', '=', seq)
      .executeTakeFirst();
    if (last?.result !== 'applied') waiting.push({ gateway, site });
  }
  return waiting;
}
