import type { Kysely } from 'kysely';
import type { SitePeople, SitePerson } from '#contracts/people.ts';
import { rightsRememberedMs } from '#contracts/remembered.ts';
import { leaseOf } from '#contracts/person-lease.ts';
import type { Database } from '../store/schema.ts';
import type { SitePeopleTables, SitePersonTable } from './site-people-tables.ts';

const dayMs = 24 * 3_600_000;
/** A gateway that is away for longer than this beyond their offline days hears no more of who left. */
const rememberedMs = 40 * dayMs;
/** As many as a list may hold of one person. */
const mostPeriods = 50;

type Out = SitePeopleTables['site_person_out'];

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
  const outs = await db
    .withTables<SitePeopleTables>()
    .selectFrom('site_person_out')
    .selectAll()
    .where('site', 'in', ['', site])
    .orderBy('from_at', 'desc')
    .execute();
  const people = rows.flatMap((row) => {
    const listedMs = listedFor(row);
    const revokedAtMs = earlier(row.revoked_at, row.left_at);
    if (revokedAtMs !== undefined && nowMs - revokedAtMs >= listedMs) return [];
    const own = outs.filter(
      ({ person, to_at }) => person === row.id && nowMs - to_at < rightsRememberedMs,
    );
    return [personOf(row, revokedAtMs, own)];
  });
  return { v: 1, site, version, people };
}

/** A gateway that heard nothing let them in for so long. */
function listedFor({ offline_days }: Pick<SitePersonTable, 'offline_days'>): number {
  return offline_days * dayMs + rememberedMs;
}

function personOf(
  row: SitePersonTable,
  revokedAtMs: number | undefined,
  outs: readonly Out[],
): SitePerson {
  const { id, username, name, role } = row;
  const zones = row.zones === null ? undefined : (JSON.parse(row.zones) as string[]);
  const revokedBefore = outs
    .slice(0, mostPeriods)
    .map(({ from_at: fromMs, to_at: toMs }) => ({ fromMs, toMs }));
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
    ...(revokedBefore.length === 0 ? {} : { revokedBefore }),
  };
}

function earlier(...times: (number | null)[]): number | undefined {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? undefined : Math.min(...known);
}
