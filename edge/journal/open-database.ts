import Database from 'better-sqlite3';
import { chmodSync, existsSync, statSync } from 'node:fs';
import { Fault, messageOf } from '#contracts/fault.ts';
import { commitTrouble, sqliteCodeOf } from './commit-trouble.ts';
import { migrate, type Migrations } from './migrate.ts';

export type Sqlite = Database.Database;

export interface DatabaseOptions {
  /** Hears of every statement before it is carried out. */
  readonly trace?: (sql: unknown) => void;
}

/**
 * Opens a store so that a commit is on disk when it returns: WAL with `synchronous=FULL`, read back
 * because this build of SQLite reopens WAL files at NORMAL.
 *
 * @param migrations one step per version; `user_version` counts those applied.
 * @throws Fault STORE_UNSAFE, STORE_VERSION for a file that this release cannot have, NOT_FOUND where a file
 *   to be read is missing, STORE_BROKEN or STORE_FULL where it cannot be opened.
 */
export function openDatabase(
  path: string,
  migrations: Migrations,
  mode: 'write' | 'read' = 'write',
  { trace }: DatabaseOptions = {},
): Sqlite {
  const readonly = mode === 'read';
  if (readonly && !existsSync(path)) throw new Fault('NOT_FOUND', `there is no ${path}`);
  const db = openFile(path, { readonly, ...(trace && { verbose: trace }) });
  try {
    if (!readonly) keepFromOthers(path);
    // Rows are batches of many kilobytes: larger pages are fewer writes.
    if (!readonly) db.pragma('page_size = 16384');
    db.pragma('busy_timeout = 200');
    if (!readonly) db.pragma('journal_mode = WAL');
    // In KiB. What is read again and again is kept by those who read it: logs are read once.
    db.pragma('cache_size = -2048');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('journal_size_limit = 16777216');
    checkSafe(db, path);
    if (!readonly) settle(db);
    migrate(db, path, migrations, readonly);
    return db;
  } catch (error) {
    db.close();
    throw sqliteCodeOf(error) === undefined ? error : openFault(path, error);
  }
}

function openFile(path: string, options: Database.Options): Sqlite {
  try {
    return new Database(path, options);
  } catch (cause) {
    throw openFault(path, cause);
  }
}

function openFault(path: string, cause: unknown): Fault {
  const code = commitTrouble(cause) === 'full' ? 'STORE_FULL' : 'STORE_BROKEN';
  return new Fault(code, `${path} cannot be opened: ${messageOf(cause)}`, { cause });
}

/**
 * SQLite makes files that everybody may read, and gives -wal and -shm the mode of the file itself
 * when it makes them. A copy that was put back may have any mode.
 */
function keepFromOthers(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat !== undefined && (stat.mode & 0o077) !== 0) chmodSync(file, 0o600);
  }
}

/**
 * Makes durable what this process is about to see. A process that was killed between a write and its
 * sync, or whose sync failed, left pages that look written and that a power cut takes, with
 * everything that was committed behind them; copied out of the log they are written, and synced, anew.
 * A disk without room, or a reader, keeps some of it in the log, which is synced first.
 */
function settle(db: Sqlite): void {
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    if (commitTrouble(error) === 'broken') throw error;
  }
}

function checkSafe(db: Sqlite, path: string): void {
  const synchronous = db.pragma('synchronous', { simple: true });
  const journalMode = db.pragma('journal_mode', { simple: true });
  if (synchronous === 2 && journalMode === 'wal') return;
  throw new Fault('STORE_UNSAFE', `${path} does not commit durably`, {
    details: { synchronous, journalMode },
  });
}
