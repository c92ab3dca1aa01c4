import type { Kysely } from 'kysely';
import type { SitePeople, SitePerson } from '#contracts/people.ts';
import { leaseOf } from '#contracts/person-lease.ts';
import type { Database } from '../store/schema.ts';
import type { SitePeopleTables, SitePersonTable } from './site-people-tables.ts';

/** A gateway remembers acts for 30 days: whoever left longer ago has nothing left to be reviewed. */
const leftListedMs = 40 * 24 * 3_600_000;

/** The people of a site in the form in which its gateways keep them. */
export async function peopleOf(
  db: Kysely<Database>,
  site: string,
  version: number,
  nowMs: number,
): Promise<SitePeople> {
  const rows = await db
    .withTables<SitePeopleTables>()
    .selectFrom('site_person')
    .innerJoin('site_person_at', 'site_person_at.person', 'site_person.id')
    .selectAll('site_person')
    .select('site_person_at.left_at')
    .where('site_person_at.site', '=', site)
    .orderBy('site_person.id')
    .execute();
  const people = rows
    .map((row) => personOf(row, earlier(row.revoked_at, row.left_at)))
    .filter(({ revokedAtMs }) => revokedAtMs === undefined || nowMs - revokedAtMs < leftListedMs);
  return { v: 1, site, version, people };
}

function personOf(row: SitePersonTable, revokedAtMs: number | undefined): SitePerson {
  const { id, username, name, role } = row;
  const zones = row.zones === null ? undefined : (JSON.parse(row.zones) as string[]);
  return {
    id,
    username,
    name,
    role,
    passwordHash: row.password_hash,
    credentialUntilMs: row.credential_until,
    lease: leaseOf({
      id: row.lease_id,
      person: id,
      role,
      fromMs: row.lease_from,
      untilMs: row.credential_until,
      perEntry: row.limit_entry,
      cumulative: row.limit_total,
      zones,
    }),
    ...(revokedAtMs === undefined ? {} : { revokedAtMs }),
  };
}

function earlier(...times: (number | null)[]): number | undefined {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? undefined : Math.min(...known);
}
