import { join } from 'node:path';
import { chainHashes } from './block-chain.ts';
import { decodeBlock } from './block-codec.ts';
import { createBlockStore } from './block-store.ts';
import { readEpoch } from './epoch-file.ts';
import { journalMigrations } from './journal-schema.ts';
import { openDatabase } from './open-database.ts';

/** One event as it is stored, with its place in the chain. */
export interface ListedEvent {
  readonly seq: number;
  readonly header: string;
  readonly payload: string;
  readonly hash: string;
}

/**
 * Every event of a journal behind `after`, beside a gateway that may be running.
 *
 * @throws Fault NOT_FOUND
 */
export function* readJournal(dataDir: string, after = 0): Generator<ListedEvent> {
  const db = openDatabase(join(dataDir, 'journal.db'), journalMigrations, 'read');
  try {
    const epoch = readEpoch(db);
    if (epoch === undefined) return;
    const blocks = createBlockStore(db, epoch);
    for (let seq = Math.max(blocks.oldestSeq(), after + 1); ;) {
      const row = blocks.blockFrom(seq);
      if (row === undefined) return;
      const events = decodeBlock(row.text);
      const hashes = chainHashes(row.previous_hash, events);
      for (const [index, event] of events.entries()) {
        const at = row.first_seq + index;
        if (at > after) yield { seq: at, ...event, hash: hashes[index] ?? '' };
      }
      seq = row.last_seq + 1;
    }
  } finally {
    db.close();
  }
}
