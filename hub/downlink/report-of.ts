import type { Kysely } from 'kysely';
import type { DownlinkReport, GatewayAbility } from '#contracts/downlink.ts';
import type { Database } from '../store/schema.ts';
import type { DownlinkTables } from './downlink-tables.ts';

/** What a gateway said of itself when it last asked; empty where it never did. */
export async function reportOf(db: Kysely<Database>, gateway: string): Promise<DownlinkReport> {
  const row = await db
    .withTables<DownlinkTables>()
    .selectFrom('downlink_gateway')
    .select('report')
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  const text = row?.report ?? null;
  return text === null ? {} : (JSON.parse(text) as DownlinkReport);
}

/** Whether it said that it takes a part of contents. */
export async function takes(
  db: Kysely<Database>,
  gateway: string,
  ability: GatewayAbility,
): Promise<boolean> {
  return (await reportOf(db, gateway)).takes?.includes(ability) === true;
}
