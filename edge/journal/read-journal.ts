import { join } from 'node:path';
import { encodeCanonical } from '#contracts/canonical.ts';
import { chainHashes } from './block-chain.ts';
import { decodeBlock } from './block-codec.ts';
import { prepareBlockRows } from './block-rows.ts';
import { createBlockStore } from './block-store.ts';
import { readEpoch } from './epoch-file.ts';
import { journalMigrations } from './journal-schema.ts';
import { openDatabase } from './open-database.ts';

/** What the first event that is listed chains to. */
export interface ChainStart {
  /** Canonical text, of which the genesis hash is made. */
  readonly epochIdentity: string;
  readonly previousHash: string;
}

/** One event as it is stored, with its place in the chain; the first says what that begins with. */
export interface ListedEvent extends Partial<ChainStart> {
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
    const blocks = createBlockStore(prepareBlockRows(db), epoch);
    let isFirst = true;
    for (let seq = Math.max(blocks.oldestSeq(), after + 1); ;) {
      const row = blocks.blockFrom(seq);
      if (row === undefined) return;
      const events = decodeBlock(row.text);
      const hashes = chainHashes(row.previous_hash, events);
      for (const [index, event] of events.entries()) {
        const at = row.first_seq + index;
        if (at <= after) continue;
        const listed = { seq: at, ...event, hash: hashes[index] ?? '' };
        const previousHash = hashes[index - 1] ?? row.previous_hash;
        yield isFirst ? { ...listed, previousHash, epochIdentity: encodeCanonical(epoch) } : listed;
        isFirst = false;
      }
      seq = row.last_seq + 1;
    }
  } finally {
    db.close();
  }
}
