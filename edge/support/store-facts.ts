import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '#contracts/fault.ts';
import { databasesIn } from '../disk/disk-files.ts';

/** Sizes, versions and numbers of rows of all databases of a folder; beside a running gateway. */
export function databaseFacts(dataDir: string): object[] {
  if (!existsSync(dataDir)) return [];
  return databasesIn(dataDir).map((database) => ({
    ...database,
    ...attempt(join(dataDir, `${database.name}.db`), (db) => ({
      version: db.pragma('user_version', { simple: true }),
      rows: Object.fromEntries(tablesOf(db).map((table) => [table, rowsIn(db, table)])),
    })),
  }));
}

/** Where the journal stands, and what was quarantined last: everything but what was sent. */
export function journalFacts(dataDir: string, mostQuarantined: number): object {
  const path = join(dataDir, 'journal.db');
  if (!existsSync(path)) return { missing: true };
  return attempt(path, (db) => ({
    epoch: JSON.parse(
      (db.prepare<[], { identity: string }>(epochSql).get() ?? { identity: 'null' }).identity,
    ) as unknown,
    head: db
      .prepare('SELECT last_seq AS seq, hash FROM block ORDER BY first_seq DESC LIMIT 1')
      .get(),
    cursor: db.prepare('SELECT pos FROM cursor').get(),
    quarantine: db.prepare(quarantineSql).all(mostQuarantined),
  }));
}

const epochSql = 'SELECT identity FROM epoch ORDER BY ordinal DESC LIMIT 1';
const quarantineSql = `SELECT pos, device, reason, bytes, sha256, received_at AS receivedAtMs
  FROM quarantine ORDER BY id DESC LIMIT ?`;

function tablesOf(db: Database.Database): string[] {
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
  return db
    .prepare<[], { name: string }>(sql)
    .all()
    .map(({ name }) => name);
}

function rowsIn(db: Database.Database, table: string): number {
  // A name cannot be a parameter; it comes from the file's own schema.
  const sql = `SELECT count(*) AS n FROM "${table.replaceAll('"', '""')}"`;
  return db.prepare<[], { n: number }>(sql).get()?.n ?? 0;
}

function attempt(path: string, read: (db: Database.Database) => object): object {
  try {
    const db = new Database(path, { readonly: true, timeout: 1000 });
    try {
      return read(db);
    } finally {
      db.close();
    }
  } catch (error) {
    return { unreadable: messageOf(error) };
  }
}
