import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Fault } from '#contracts/fault.ts';
import { assertKnown } from './migrate.ts';
import type { Migration } from './migration.ts';
import { storeMigrations } from './store-migrations.ts';

/**
 * Whether `openStore` would take this file, without changing what is in it. One that is not there yet is fine
 * where it can be made.
 *
 * @param migrations those of other modules, as `openStore` gets them
 * @throws Fault STORE_BROKEN or STORE_VERSION.
 */
export async function peekStore(file: string, migrations: readonly Migration[]): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) return await peekFolder(file);
  try {
    await access(file, constants.R_OK | constants.W_OK);
    if (size === 0) return;
    // As a writer, though it writes nothing: the last reader to close would leave its files behind.
    const database = new Sqlite(file, { fileMustExist: true });
    try {
      assertKnown(appliedIn(database), [...storeMigrations, ...migrations]);
    } finally {
      database.close();
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('STORE_BROKEN', 'cannot be opened as a store', { cause });
  }
}

function appliedIn(database: Sqlite.Database): ReadonlySet<string> {
  const table = `select name from sqlite_schema where name = 'schema_migration'`;
  if (database.prepare(table).get() === undefined) return new Set();
  const ids = database.prepare<[], string>('select id from schema_migration').pluck().all();
  return new Set(ids);
}

/** The nearest folder that is there must take another entry. */
async function peekFolder(file: string): Promise<void> {
  let folder = dirname(file);
  for (;;) {
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory() === true) break;
    if (found !== undefined || dirname(folder) === folder) {
      throw new Fault('STORE_BROKEN', 'names a file in what is no folder');
    }
    folder = dirname(folder);
  }
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new Fault('STORE_BROKEN', `cannot be made: ${folder} may not be written`, { cause });
  }
}
