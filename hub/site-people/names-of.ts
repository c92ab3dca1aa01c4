import type { Store } from '../store/store.ts';
import type { SitePeopleTables } from './site-people-tables.ts';

/** Names by id, of those who are known here: events carry ids alone. */
export async function namesOf(
  { read }: Pick<Store, 'read'>,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await read
    .withTables<SitePeopleTables>()
    .selectFrom('site_person')
    .select(['id', 'name'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}
