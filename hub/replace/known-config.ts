import type { Kysely } from 'kysely';
import type { RestoreHead } from '#contracts/replacement.ts';
import type { DownlinkTables } from '../downlink/downlink-tables.ts';
import type { Database } from '../store/schema.ts';

/**
 * What the hub knows of a gateway's configuration: the last that it pushed and that took effect, how
 * far the gateway's downlink was settled, and the hash that its journal names last. A file that the
 * gateway owned itself is known by that hash alone.
 */
export async function knownConfig(
  db: Kysely<Database>,
  gateway: string,
): Promise<Omit<RestoreHead, 'parts'>> {
  const downlink = db.withTables<DownlinkTables>();
  const settled = await downlink
    .selectFrom('downlink_gateway')
    .select('settled')
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  const pushed = await downlink
    .selectFrom('downlink_entry')
    .innerJoin('downlink_content', 'downlink_content.hash', 'downlink_entry.content_hash')
    .select('content')
    .where('gateway', '=', gateway)
    .where('kind', '=', 'config')
    .where('result', '=', 'applied')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const applied = await db
    .selectFrom('journal_event')
    .select('payload')
    .where('gateway', '=', gateway)
    .where('kind', '=', 'gateway.config-applied')
    .where('state', '=', 'applied')
    .orderBy('epoch', 'desc')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const said =
    applied === undefined ? undefined : (JSON.parse(applied.payload) as { hash: string });
  return {
    config: pushed?.content ?? null,
    downlinkSettled: settled?.settled ?? 0,
    siteHash: said?.hash ?? null,
  };
}
