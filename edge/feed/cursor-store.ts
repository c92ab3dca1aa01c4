import { join } from 'node:path';
import { Fault, messageOf } from '#contracts/fault.ts';
import { commitTrouble } from '../journal/commit-trouble.ts';
import { openDatabase } from '../journal/open-database.ts';

/** How far a target has come: it has everything up to `seq` of the epoch, or did not want it. */
export interface FeedCursor {
  readonly epochId: string;
  readonly seq: number;
  /** The journal's hash at `seq`: another journal with the same numbers is known by it. */
  readonly hash: string;
}

export interface CursorStore {
  load(target: string): FeedCursor | undefined;
  /**
   * @returns false while the disk has no room: after a crash some events would come twice.
   * @throws Fault STORE_BROKEN: only a new process may go on.
   */
  save(target: string, cursor: FeedCursor): boolean;
  close(): void;
}

const migrations = [
  `CREATE TABLE cursor (
    target TEXT PRIMARY KEY, epoch_id TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
];

/** Opens `feed.db` in the gateway's data folder. @throws Fault as `openDatabase`. */
export function openCursorStore(dataDir: string): CursorStore {
  const db = openDatabase(join(dataDir, 'feed.db'), migrations);
  const select = db.prepare<[string], FeedCursor>(
    'SELECT epoch_id AS epochId, seq, hash FROM cursor WHERE target = ?',
  );
  const upsert = db.prepare<[string, string, number, string]>(
    'INSERT INTO cursor VALUES (?, ?, ?, ?) ON CONFLICT (target) ' +
      'DO UPDATE SET epoch_id = excluded.epoch_id, seq = excluded.seq, hash = excluded.hash',
  );
  return {
    load: (target) => select.get(target),
    save(target, { epochId, seq, hash }) {
      try {
        upsert.run(target, epochId, seq, hash);
        return true;
      } catch (cause) {
        if (commitTrouble(cause) !== 'broken') return false;
        throw new Fault('STORE_BROKEN', `feed.db cannot commit: ${messageOf(cause)}`, { cause });
      }
    },
    close: () => void db.close(),
  };
}
