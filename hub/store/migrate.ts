import type { Kysely } from 'kysely';
import { Fault } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { Migration } from './migration.ts';
import type { Database } from './schema.ts';

type MigrationTable = { schema_migration: { id: string; applied_at: number } };

/**
 * Applies what is missing, forward only, in order, each step in its own transaction.
 *
 * @param before is called once, with the first step, where a store that holds something is changed.
 * @returns the ids that were applied now.
 * @throws Fault STORE_VERSION when the file carries a step that this program does not know: an
 * older hub must not write what a newer one arranged.
 */
export async function migrate(
  db: Kysely<Database>,
  migrations: readonly Migration[],
  clock: Clock,
  before?: (first: string) => Promise<void>,
): Promise<string[]> {
  const bookkeeping = db.withTables<MigrationTable>();
  await bookkeeping.schema
    .createTable('schema_migration')
    .ifNotExists()
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
  const rows = await bookkeeping.selectFrom('schema_migration').select('id').execute();
  const present = new Set(rows.map((row) => row.id));
  assertKnown(present, migrations);
  const next = migrations.find(({ id }) => !present.has(id));
  if (next !== undefined && present.size > 0) await before?.(next.id);
  const applied: string[] = [];
  for (const migration of migrations) {
    if (present.has(migration.id)) continue;
    await bookkeeping.transaction().execute(async (tx) => {
      await migration.up(tx);
      await tx
        .insertInto('schema_migration')
        .values({ id: migration.id, applied_at: clock.nowMs() })
        .execute();
    });
    applied.push(migration.id);
  }
  return applied;
}

/** @throws Fault STORE_VERSION as `migrate` does. */
export function assertKnown(present: ReadonlySet<string>, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.id));
  const foreign = [...present].filter((id) => !known.has(id));
  if (foreign.length === 0) return;
  const text =
    `the store was written by a newer hub (${foreign.join(', ')}): start that release again; or, giving ` +
    'up what came in since, put a copy of the folder snapshots in its place';
  throw new Fault('STORE_VERSION', text, { details: { unknown: foreign } });
}
