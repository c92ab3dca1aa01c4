import { join } from 'node:path';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import { faultOfBlock } from './block-chain.ts';
import { prepareBlockRows } from './block-rows.ts';
import { createBlockStore } from './block-store.ts';
import type { JournalHead } from './journal-reader.ts';
import { readEpoch } from './epoch-file.ts';
import { genesisOf } from './journal.ts';
import { journalMigrations } from './journal-schema.ts';
import { KeyLine } from './key-line.ts';
import { openDatabase } from './open-database.ts';

/**
 * Recomputes the whole chain from the stored text, beside a gateway that may be running.
 *
 * @param progress is told how many events are proved, once per block.
 * @returns the head that the chain leads to, or the first position that is not what was sealed.
 */
export async function verifyJournal(
  dataDir: string,
  progress: (seq: number) => void = () => {},
  signal?: AbortSignal,
): Promise<Result<JournalHead>> {
  const db = openDatabase(join(dataDir, 'journal.db'), journalMigrations, 'read');
  try {
    const epoch = readEpoch(db);
    if (epoch === undefined) return refuse('CHAIN_BROKEN', 'the journal names no epoch');
    const blocks = createBlockStore(prepareBlockRows(db), epoch);
    const last = blocks.last();
    const keys = new KeyLine();
    let hash = genesisOf(epoch);
    let seq = blocks.oldestSeq() - 1;
    if (seq > 0) hash = blocks.blockFrom(seq + 1)?.previous_hash ?? hash;
    while (seq < last.seq) {
      signal?.throwIfAborted();
      const row = blocks.blockFrom(seq + 1);
      if (row === undefined) return refuse('CHAIN_BROKEN', `event ${seq + 1} is missing`);
      const fault =
        row.first_seq === seq + 1
          ? (faultOfBlock(row, hash) ?? keys.faultOf(row))
          : `event ${seq + 1} lies in two blocks`;
      if (fault !== undefined) return refuse('CHAIN_BROKEN', fault);
      hash = row.hash;
      seq = row.last_seq;
      progress(seq);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return succeed({ epoch, seq, hash });
  } finally {
    db.close();
  }
}
