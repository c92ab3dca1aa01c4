import { genesisHash, type EpochIdentity } from '#contracts/chain.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { Ballast } from './ballast.ts';
import { createBlockStore } from './block-store.ts';
import type { JournalHead, JournalReader } from './journal-reader.ts';
import type { JournalStore, NewBlock } from './journal-store.ts';
import type { KeptQuarantineRow, QuarantineRow } from './quarantine-store.ts';
import { commitTrouble, sqliteCodeOf } from './commit-trouble.ts';
import type { StateRow } from '../observe/state-row.ts';
import { BlockSealer, sha256Hex, type DraftItem } from './seal.ts';

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

/** Events per block: what one batch of the uplink carries at most. */
const blockEvents = 500;

export function genesisOf(epoch: EpochIdentity): string {
  return genesisHash(epoch, sha256Hex);
}

/**
 * The journal in a store that is open.
 *
 * @throws Fault CHAIN_BROKEN when the newest blocks are not what was sealed.
 */
export function createJournal(
  store: JournalStore,
  epoch: EpochIdentity,
  ballast: Pick<Ballast, 'release'>,
): Journal {
  const listeners = new Set<(head: JournalHead) => void>();
  const blocks = createBlockStore(store.blocks, epoch);
  const sealer = new BlockSealer(epoch);
  blocks.checkTail();
  let states = store.states();
  let head: JournalHead = { epoch, ...blocks.last() };
  let cursor = store.cursor();

  function commit(batch: JournalCommit): JournalHead {
    const { seq, hash } = writeOrGiveRoom(() => write(store, sealer, head, batch), ballast);
    const sealed = seq > head.seq;
    head = { epoch, seq, hash };
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
    states: () => store.states(),
    quarantineCount: () => store.quarantine.count(),
    recentQuarantine: (device, limit, beforeId) => store.quarantine.recent(device, limit, beforeId),
    close: () => store.close(),
  };
}

function writeOrGiveRoom<T>(write: () => T, ballast: Pick<Ballast, 'release'>): T {
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

type Place = Pick<JournalHead, 'seq' | 'hash'>;

/** @returns the place of the last event. */
function write(
  store: JournalStore,
  sealer: BlockSealer,
  head: Place,
  { cursor, items, states, quarantined }: JournalCommit,
): Place {
  let last: Place = head;
  function* sealed(): Generator<NewBlock> {
    for (let at = 0; at < items.length; at += blockEvents) {
      const { seq, hash: previousHash } = last;
      const block = sealer.seal(last, items.slice(at, at + blockEvents));
      last = { seq: block.lastSeq, hash: block.hash };
      yield { firstSeq: seq + 1, previousHash, ...block };
    }
  }
  store.write({ cursor, blocks: sealed(), states, quarantined });
  return last;
}
