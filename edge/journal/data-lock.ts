import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Fault } from '#contracts/fault.ts';
import { sqliteCodeOf } from './commit-trouble.ts';

/**
 * Keeps a second gateway off a data folder: two writers would fork the chain. The lock is SQLite's
 * own file lock, which the operating system drops with the process, however that ends.
 *
 * @returns a function that releases it. @throws Fault CONFLICT when another process holds it.
 */
export function lockDataFolder(dataDir: string): () => void {
  const db = new Database(join(dataDir, 'gateway.lock'), { timeout: 0 });
  try {
    db.pragma('journal_mode = DELETE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    if (!sqliteCodeOf(cause)?.startsWith('SQLITE_BUSY')) throw cause;
    throw new Fault('CONFLICT', `another gateway runs on ${dataDir}`, { cause });
  }
  return () => {
    db.close();
  };
}
