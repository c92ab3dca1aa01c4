import { encodeCanonical } from '#contracts/canonical.ts';
import type { EpochIdentity } from '#contracts/chain.ts';
import type { StateRow } from '../observe/state-row.ts';
import { prepareBlockRows, type BlockRows } from './block-rows.ts';
import { readEpoch } from './epoch-file.ts';
import { journalMigrations } from './journal-schema.ts';
import { openDatabase } from './open-database.ts';
import {
  createQuarantineStore,
  type QuarantineRow,
  type QuarantineStore,
} from './quarantine-store.ts';
import { StateLog } from './state-log.ts';

/** A sealed run of events as it is stored. */
export interface NewBlock {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly previousHash: string;
  readonly hash: string;
  /** The writer's own until the next block is asked for. */
  readonly bytes: Uint8Array;
}

/** What one commit changes. */
export interface JournalWrite {
  /** The last intake position that is done with. */
  readonly cursor: number;
  readonly blocks: Iterable<NewBlock>;
  readonly states: readonly StateRow[];
  readonly quarantined: readonly QuarantineRow[];
}

/** Where a journal lies. It knows nothing of chains: it keeps what it is given, whole or not at all. */
export interface JournalStore {
  readonly blocks: BlockRows;
  readonly quarantine: Pick<QuarantineStore, 'count' | 'recent'>;
  /** The epoch that is being written; undefined in a new store. */
  epoch(): EpochIdentity | undefined;
  beginEpoch(identity: EpochIdentity): void;
  cursor(): number;
  /** The observer states of the last write. */
  states(): StateRow[];
  /**
   * Durable when it returns. Throws what SQLite throws, or what a block could not be sealed for, and
   * nothing of it is written then.
   */
  write(changes: JournalWrite): void;
  close(): void;
}

/**
 * Older rows make room. The journal says once a minute for each device and reason what came; the
 * intake log, and raw evidence after it, have the messages themselves.
 */
const quarantineRows = 10_000;

/** @throws Fault as `openDatabase`. */
export function openJournalStore(path: string): JournalStore {
  const db = openDatabase(path, journalMigrations);
  const stateLog = new StateLog(db);
  const quarantine = createQuarantineStore(db, quarantineRows);
  const insertBlock = db.prepare('INSERT INTO block VALUES (?, ?, ?, ?, ?)');
  const setCursor = db.prepare('UPDATE cursor SET pos = ?');
  const storedCursor = db.prepare<[], { pos: number }>('SELECT pos FROM cursor');
  let isLoaded = false;

  const write = db.transaction(({ cursor, blocks, states, quarantined }: JournalWrite) => {
    for (const { firstSeq, lastSeq, previousHash, hash, bytes } of blocks) {
      insertBlock.run(firstSeq, lastSeq, previousHash, hash, bytes);
    }
    const stored = stateLog.append(states);
    for (const row of quarantined) quarantine.add(row);
    setCursor.run(cursor);
    return stored;
  });

  return {
    blocks: prepareBlockRows(db),
    quarantine,
    epoch: () => readEpoch(db),
    beginEpoch(identity) {
      const text = encodeCanonical(identity);
      db.prepare('INSERT INTO epoch VALUES (?, ?)').run(identity.ordinal, text);
    },
    cursor: () => storedCursor.get()?.pos ?? 0,
    states() {
      if (isLoaded) return stateLog.current();
      isLoaded = true;
      return stateLog.load();
    },
    write(changes) {
      try {
        write(changes)();
      } catch (error) {
        quarantine.forget();
        throw error;
      }
    },
    close: () => {
      db.close();
    },
  };
}
