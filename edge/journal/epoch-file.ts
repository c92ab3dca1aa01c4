import { existsSync, readFileSync } from 'node:fs';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { EpochIdentity } from '#contracts/chain.ts';
import { Fault } from '#contracts/fault.ts';
import { writeFileDurably } from './durable-file.ts';
import type { Sqlite } from './open-database.ts';
import type { EpochNote } from './open-epoch.ts';

/** The epoch that is being written; undefined in a new file. */
export function readEpoch(db: Sqlite): EpochIdentity | undefined {
  const row = db
    .prepare<[], { identity: string }>('SELECT identity FROM epoch ORDER BY ordinal DESC LIMIT 1')
    .get();
  return row === undefined ? undefined : (JSON.parse(row.identity) as EpochIdentity);
}

/**
 * The epoch's identity lies beside the journal as well: a journal that was deleted, restored from
 * elsewhere or copied to another gateway is noticed before it says anything.
 */
export function epochFile(path: string): EpochNote {
  return {
    check(stored) {
      if (!existsSync(path)) return;
      const beside = readFileSync(path, 'utf8').trim();
      const inside = stored === undefined ? undefined : encodeCanonical(stored);
      if (beside === inside) return;
      throw new Fault('CHAIN_BROKEN', `${path} and the journal beside it are not of one epoch`, {
        details: { file: beside, journal: inside ?? 'no epoch: a new or emptied journal' },
      });
    },
    write(identity) {
      if (existsSync(path)) return;
      writeFileDurably(path, `${encodeCanonical(identity)}\n`, 0o600);
    },
  };
}
