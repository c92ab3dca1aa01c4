import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Fault } from '#contracts/fault.ts';
import { makeOwnFile } from './store/own-file.ts';

/**
 * Keeps a second hub off a store: two would take each other's messages. The lock is SQLite's own
 * file lock, which the operating system drops with the process, however that ends.
 *
 * @returns a function that releases it.
 * @throws Fault CONFLICT when another process holds it.
 */
export function lockHub(storeFile: string): () => void {
  mkdirSync(dirname(storeFile), { recursive: true, mode: 0o700 });
  makeOwnFile(`${storeFile}.lock`);
  const lock = new Sqlite(`${storeFile}.lock`, { timeout: 0 });
  try {
    lock.pragma('journal_mode = DELETE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!(cause instanceof Sqlite.SqliteError) || !cause.code.startsWith('SQLITE_BUSY'))
      throw cause;
    throw new Fault('CONFLICT', `another hub runs on ${storeFile}`, { cause });
  }
  return () => {
    lock.close();
  };
}
