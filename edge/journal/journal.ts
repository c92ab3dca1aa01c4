import { join } from 'node:path';
import { encodeCanonical } from '#contracts/canonical.ts';
import { genesisHash, type EpochIdentity } from '#contracts/chain.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { Ballast } from './ballast.ts';
import { checkEpochFile, readEpoch, writeEpochFile } from './epoch-file.ts';
import { createBlockStore, type BlockStore } from './block-store.ts';
import type { JournalHead, JournalReader } from './journal-reader.ts';
import { journalMigrations } from './journal-schema.ts';
import { createQuarantineStore } from './quarantine-store.ts';
import type { KeptQuarantineRow, QuarantineRow, QuarantineStore } from './quarantine-store.ts';
import { commitTrouble, openDatabase, sqliteCodeOf, type Sqlite } from './open-database.ts';
import type { StateRow } from '../observe/state-row.ts';
import { BlockSealer, sha256Hex, type DraftItem } from './seal.ts';
import { StateLog } from './state-log.ts';

/** What a run of intake entries led to: all of it becomes durable at once, or none of it. */
export interface JournalCommit {
  /** The last intake position that is done with. */
  readonly cursor: number;
  readonly items: readonly DraftItem[];
  readonly states: readonly StateRow[];
  readonly quarantined: readonly QuarantineRow[];
}

export interface Journal extends JournalReader {
  cursor(): number;
  /**
   * Seals the drafts and writes them with states, quarantine and cursor in one transaction. When
   * the disk is full, the reserved room is given up for it.
   *
   * @throws Fault STORE_FULL: nothing was written, the same commit can be tried again.
   * @throws Fault STORE_BROKEN: only a new process may go on.
   * @throws Fault CANONICAL_INVALID, or whatever a draft is that cannot be sealed: nothing was
   *   written.
   */
  commit(batch: JournalCommit): JournalHead;
  /** The observer states that are stored, as they were when the journal was opened. */
  takeStates(): StateRow[];
  /** The observer states of the last commit. */
  states(): StateRow[];
  quarantineCount(): number;
  /** The latest first; only those with ids below `beforeId`, where one is given. */
  recentQuarantine(
    device: string | undefined,
    limit: number,
    beforeId?: number,
  ): KeptQuarantineRow[];
  close(): void;
}

export interface JournalOptions {
  readonly dataDir: string;
  readonly address: { readonly tenant: string; readonly site: string; readonly gateway: string };
  readonly clock: Clock;
  /** 32 hexadecimal digits of a cryptographic random source: the id of a new epoch. */
  readonly randomId: () => string;
  /** Where a journal that begins now branches from: the end of another box's; absent: from nowhere. */
  readonly parent?: NonNullable<EpochIdentity['parent']> | undefined;
  readonly ballast: Ballast;
}

/** Events per block: what one batch of the uplink carries at most. */
const blockEvents = 500;
/**
 * Older rows make room. The journal says once a minute for each device and reason what came; the
 * intake log, and raw evidence after it, have the messages themselves.
 */
const quarantineRows = 10_000;

/**
 * The gateway's journal: append-only, hash-chained, gap-free.
 *
 * @throws Fault CHAIN_BROKEN, STORE_UNSAFE, STORE_VERSION, CONFIG_INVALID.
 */
export function openJournal(options: JournalOptions): Journal {
  const db = openDatabase(join(options.dataDir, 'journal.db'), journalMigrations);
  try {
    const epoch = openEpoch(db, options);
    const blocks = createBlockStore(db, epoch);
    blocks.checkTail();
    return createJournal(db, epoch, blocks, options.ballast);
  } catch (error) {
    db.close();
    throw error;
  }
}

function openEpoch(db: Sqlite, options: JournalOptions): EpochIdentity {
  const path = join(options.dataDir, 'epoch.json');
  const stored = readEpoch(db);
  checkEpochFile(path, stored);
  const { tenant, site, gateway } = options.address;
  const { parent = null } = options;
  const identity = stored ?? {
    gateway,
    id: options.randomId(),
    ordinal: (parent?.ordinal ?? 0) + 1,
    parent,
    site,
    startedAt: options.clock.nowMs(),
    tenant,
  };
  if (identity.gateway !== gateway || identity.site !== site || identity.tenant !== tenant) {
    throw new Fault('CONFIG_INVALID', 'the data folder holds the journal of another gateway', {
      details: { config: options.address, journal: identity },
    });
  }
  if (stored === undefined) {
    db.prepare('INSERT INTO epoch VALUES (?, ?)').run(identity.ordinal, encodeCanonical(identity));
  }
  writeEpochFile(path, identity);
  return identity;
}

export function genesisOf(epoch: EpochIdentity): string {
  return genesisHash(epoch, sha256Hex);
}

function createJournal(
  db: Sqlite,
  epoch: EpochIdentity,
  blocks: BlockStore,
  ballast: Ballast,
): Journal {
  const listeners = new Set<(head: JournalHead) => void>();
  const stateLog = new StateLog(db);
  const quarantine = createQuarantineStore(db, quarantineRows);
  const write = createWriter(db, epoch, stateLog, quarantine);
  let states = stateLog.load();
  let head: JournalHead = { epoch, ...blocks.last() };
  let cursor = storedCursor(db);

  function writeWhole(batch: JournalCommit): Written {
    try {
      return write(head, batch);
    } catch (error) {
      quarantine.forget();
      throw error;
    }
  }

  function commit(batch: JournalCommit): JournalHead {
    const written = writeOrGiveRoom(() => writeWhole(batch), ballast);
    written.statesStored();
    const sealed = written.head.seq > head.seq;
    head = written.head;
    cursor = batch.cursor;
    if (sealed) for (const listener of listeners) listener(head);
    return head;
  }

  return {
    head: () => head,
    cursor: () => cursor,
    oldestSeq: () => blocks.oldestSeq(),
    readAfter: (seq, maxEvents, maxBytes) => blocks.readAfter(seq, maxEvents, maxBytes),
    hashAt: (seq) => blocks.hashAt(seq),
    onCommitted(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    commit,
    takeStates: () => {
      const taken = states;
      states = [];
      return taken;
    },
    states: () => stateLog.current(),
    quarantineCount: () => quarantine.count(),
    recentQuarantine: (device, limit, beforeId) => quarantine.recent(device, limit, beforeId),
    close: () => {
      db.close();
    },
  };
}

function writeOrGiveRoom<T>(write: () => T, ballast: Ballast): T {
  try {
    return write();
  } catch (error) {
    if (commitTrouble(error) === 'full' && ballast.release())
      return writeOrGiveRoom(write, ballast);
    if (sqliteCodeOf(error) === undefined) throw error;
    const code = commitTrouble(error) === 'broken' ? 'STORE_BROKEN' : 'STORE_FULL';
    throw new Fault(code, `the journal cannot commit: ${messageOf(error)}`, { cause: error });
  }
}

interface Written {
  readonly head: JournalHead;
  readonly statesStored: () => void;
}

function createWriter(
  db: Sqlite,
  epoch: EpochIdentity,
  stateLog: StateLog,
  quarantine: QuarantineStore,
): (head: JournalHead, batch: JournalCommit) => Written {
  const sealer = new BlockSealer(epoch);
  const insertBlock = db.prepare('INSERT INTO block VALUES (?, ?, ?, ?, ?)');
  const setCursor = db.prepare('UPDATE cursor SET pos = ?');

  return db.transaction((head: JournalHead, batch: JournalCommit): Written => {
    let { seq, hash } = head;
    for (let at = 0; at < batch.items.length; at += blockEvents) {
      const sealed = sealer.seal({ seq, hash }, batch.items.slice(at, at + blockEvents));
      insertBlock.run(seq + 1, sealed.lastSeq, hash, sealed.hash, sealed.bytes);
      seq = sealed.lastSeq;
      hash = sealed.hash;
    }
    const statesStored = stateLog.append(batch.states);
    for (const row of batch.quarantined) quarantine.add(row);
    setCursor.run(batch.cursor);
    return { head: { ...head, seq, hash }, statesStored };
  });
}

function storedCursor(db: Sqlite): number {
  return db.prepare<[], { pos: number }>('SELECT pos FROM cursor').get()?.pos ?? 0;
}
