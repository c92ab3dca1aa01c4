import type { SitePeople } from '#contracts/people.ts';
import { appendDownlink, type DownlinkAuthor } from '../downlink/append-downlink.ts';
import { takes } from '../downlink/report-of.ts';
import type { WriteTransaction } from '../store/store.ts';
import { peopleOf } from './people-of.ts';
import type { SitePeopleTables } from './site-people-tables.ts';

type Tx = Pick<WriteTransaction, 'db'>;

/** Sends a gateway the list of its site as it was sent last; nothing where people are not the hub's. */
export async function sendPeople(
  tx: Tx,
  author: DownlinkAuthor,
  to: { readonly site: string; readonly gateway: string },
): Promise<void> {
  const row = await tx.db
    .withTables<SitePeopleTables>()
    .selectFrom('site_people_version')
    .select('version')
    .where('site', '=', to.site)
    .executeTakeFirst();
  if (row === undefined) return;
  const people = await peopleOf(tx.db, to.site, row.version, author.clock.nowMs());
  const takesAll = await takes(tx.db, to.gateway, 'people.revoked-before');
  const text = JSON.stringify(takesAll ? people : withoutPast(people));
  await appendDownlink(tx, author, to, 'people', text);
}

/** A gateway of a version before `revokedBefore` refuses a list that has it, and so all of the list. */
function withoutPast(list: SitePeople): SitePeople {
  const people = list.people.map((person) => {
    const { revokedBefore: _, ...rest } = person;
    return rest;
  });
  return { ...list, people };
}

/** Sends every gateway of these sites its list anew, under the next version. */
export async function publishPeople(
  tx: Tx,
  author: DownlinkAuthor,
  sites: Iterable<string>,
): Promise<void> {
  const tables = tx.db.withTables<SitePeopleTables>();
  const nowMs = author.clock.nowMs();
  for (const site of new Set(sites)) {
    const row = await tables
      .selectFrom('site_people_version')
      .select('version')
      .where('site', '=', site)
      .executeTakeFirst();
    const version = (row?.version ?? 0) + 1;
    await tables
      .insertInto('site_people_version')
      .values({ site, version, sent_at: nowMs })
      .onConflict((conflict) => conflict.column('site').doUpdateSet({ version, sent_at: nowMs }))
      .execute();
    const gateways = await tx.db
      .selectFrom('gateway')
      .select('gateway')
      .where('site', '=', site)
      .execute();
    for (const { gateway } of gateways) await sendPeople(tx, author, { site, gateway });
  }
}
