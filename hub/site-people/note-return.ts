import type { WriteTransaction } from '../store/store.ts';
import type { SitePeopleTables, SitePersonTable } from './site-people-tables.ts';

/**
 * Somebody gets rights back: the time without them stays known, so that a gateway that was away
 * meanwhile can still mark what was done in it. Before the change itself is written.
 *
 * @param sites where they work from now on
 * @returns whether anything comes back: then a lease of before must not count any more.
 */
export async function noteReturn(
  { db }: Pick<WriteTransaction, 'db'>,
  before: Pick<SitePersonTable, 'id' | 'revoked_at'>,
  sites: readonly string[],
  nowMs: number,
): Promise<boolean> {
  const tables = db.withTables<SitePeopleTables>();
  const left = await tables
    .selectFrom('site_person_at')
    .select(['site', 'left_at'])
    .where('person', '=', before.id)
    .where('site', 'in', [...sites])
    .execute();
  const outs = [
    { site: '', from_at: before.revoked_at },
    ...left.map(({ site, left_at }) => ({ site, from_at: left_at })),
  ].flatMap(({ site, from_at }) => (from_at === null ? [] : [{ site, from_at }]));
  for (const out of outs) {
    await tables
      .insertInto('site_person_out')
      .values({ person: before.id, ...out, to_at: nowMs })
      .onConflict((conflict) =>
        conflict.columns(['person', 'site', 'from_at']).doUpdateSet({ to_at: nowMs }),
      )
      .execute();
  }
  return outs.length > 0;
}
