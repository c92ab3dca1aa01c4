import type { Kysely } from 'kysely';
import type { DownlinkTables } from '../downlink/downlink-tables.ts';
import { takes } from '../downlink/report-of.ts';
import type { Database } from '../store/schema.ts';
import { peopleOf } from './people-of.ts';
import type { SitePeopleTables } from './site-people-tables.ts';

/** As it stands in a list; inside a name its quotes would be escaped. */
const pastShape = '%"revokedBefore":[%';

/**
 * Gateways whose last list is not in the form that they take now: they were upgraded since, and miss
 * times without rights that are over; or the release before is back, which refuses such a list.
 */
export async function outdatedLists(
  db: Kysely<Database>,
  nowMs: number,
): Promise<{ readonly site: string; readonly gateway: string }[]> {
  const tables = db.withTables<DownlinkTables & SitePeopleTables>();
  const outs = await tables.selectFrom('site_person_out').select('person').limit(1).execute();
  if (outs.length === 0) return [];
  const last = await tables
    .selectFrom('downlink_entry')
    .select(({ fn }) => ['gateway', fn.max('seq').as('seq')])
    .where('kind', '=', 'people')
    .groupBy('gateway')
    .execute();
  const found: { site: string; gateway: string }[] = [];
  for (const { gateway, seq } of last) {
    const sent = await tables
      .selectFrom('downlink_entry')
      .innerJoin('gateway', 'gateway.gateway', 'downlink_entry.gateway')
      .innerJoin('site_people_version', 'site_people_version.site', 'gateway.site')
      .innerJoin('downlink_content', 'downlink_content.hash', 'downlink_entry.content_hash')
      .select(({ eb }) => [
        'gateway.site',
        'version',
        eb('content', 'like', pastShape).as('hasPast'),
      ])
      .where('downlink_entry.gateway', '=', gateway)
      .where('seq', '=', seq)
      .executeTakeFirst();
    if (sent === undefined) continue;
    const { hasPast, site, version } = sent;
    const takesPast = await takes(db, gateway, 'people.revoked-before');
    if (takesPast === Boolean(hasPast)) continue;
    const { people } = await peopleOf(db, site, version, nowMs);
    const isPast = people.some(({ revokedBefore }) => revokedBefore !== undefined);
    if (!takesPast || isPast) found.push({ site, gateway });
  }
  return found;
}
