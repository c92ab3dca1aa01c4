import Sqlite from 'better-sqlite3';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { Fault } from '#contracts/fault.ts';

/** How many prepared statements a connection keeps; SQL text is built by us, so few exist. */
const statementsKept = 300;

/**
 * One SQLite connection as Kysely wants it, with its statements kept prepared. WAL and
 * `synchronous=FULL` are set and read back at every open, because this build of SQLite reopens WAL
 * files at NORMAL, which loses commits at a power cut.
 */
export class SqliteConnection implements SqliteDatabase {
  readonly #database: Sqlite.Database;
  readonly #statements = new Map<string, Sqlite.Statement>();

  private constructor(database: Sqlite.Database) {
    this.#database = database;
  }

  /** @throws Fault STORE_UNSAFE when a commit would not be durable, STORE_BROKEN when it will not open. */
  static open(file: string, mode: 'write' | 'read'): SqliteConnection {
    const database = openDatabase(file, mode);
    try {
      if (mode === 'write') {
        database.pragma('journal_mode = WAL');
        // A catch-up writes tens of megabytes a second: fewer, larger checkpoints.
        database.pragma('wal_autocheckpoint = 8000');
        database.pragma('journal_size_limit = 134217728');
      }
      database.pragma('synchronous = FULL');
      database.pragma('foreign_keys = ON');
      database.pragma('busy_timeout = 200');
      database.pragma(`cache_size = ${mode === 'write' ? -65_536 : -32_768}`);
      const journal: unknown = database.pragma('journal_mode', { simple: true });
      const synchronous: unknown = database.pragma('synchronous', { simple: true });
      if (journal !== 'wal' || synchronous !== 2) {
        throw new Fault('STORE_UNSAFE', 'SQLite did not accept WAL with synchronous=FULL', {
          details: { file, journal, synchronous },
        });
      }
      if (mode === 'write') settle(database);
      return new SqliteConnection(database);
    } catch (error) {
      database.close();
      throw asFault(error);
    }
  }

  prepare(sql: string): SqliteStatement & Sqlite.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      // A reader of another process must never make a half-done transaction fail: lock at its start.
      statement = this.#database.prepare(sql === 'begin' ? 'begin immediate' : sql);
      if (this.#statements.size >= statementsKept) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}

function openDatabase(file: string, mode: 'write' | 'read'): Sqlite.Database {
  try {
    return new Sqlite(file, mode === 'read' ? { readonly: true, fileMustExist: true } : {});
  } catch (cause) {
    throw new Fault('STORE_BROKEN', `cannot open the store ${file}`, { cause, details: { file } });
  }
}

/**
 * Makes durable what this process is about to see. One that was killed between a write and its sync,
 * or whose sync failed, left pages that look written and that a power cut takes, with everything
 * that was committed behind them; copied out of the log they are written, and synced, anew. A disk
 * without room, or a reader, keeps some of it in the log, which is synced first.
 */
function settle(database: Sqlite.Database): void {
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    const fault = asFault(error);
    const canWait = fault instanceof Fault && ['STORE_FULL', 'UNAVAILABLE'].includes(fault.code);
    if (!canWait) throw error;
  }
}

/** A full disk can heal; after any other failure of the disk only a restart can be trusted. */
export function asFault(error: unknown): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  if (error.code === 'SQLITE_FULL' || error.code === 'SQLITE_IOERR_WRITE_ENOSPC') {
    return new Fault('STORE_FULL', 'the disk of the store is full', { cause: error });
  }
  if (/^SQLITE_(IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN)/.test(error.code)) {
    return new Fault('STORE_BROKEN', `the store failed: ${error.code}`, { cause: error });
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(error.code)) {
    return new Fault('UNAVAILABLE', 'another process holds the store', { cause: error });
  }
  return error;
}
