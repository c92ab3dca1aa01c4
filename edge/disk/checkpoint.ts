import Database from 'better-sqlite3';

/**
 * Brings all of a write-ahead log into its database and cuts it to nothing, unless somebody reads or
 * writes at this moment: nothing waits for anything.
 *
 * @returns whether the log was cut.
 */
export function truncateWal(path: string): boolean {
  const db = new Database(path, { fileMustExist: true, timeout: 0 });
  try {
    db.pragma('synchronous = FULL');
    const [row] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    return row?.busy === 0;
  } catch {
    return false;
  } finally {
    db.close();
  }
}
