import type { EpochIdentity } from '#contracts/chain.ts';
import type { StoredEvent } from '#contracts/envelope.ts';
import { Fault } from '#contracts/fault.ts';
import { eventHash, genesisHash } from '#contracts/chain.ts';
import { chainHashes, decodeBlock, faultOfBlock, type BlockRow } from './block-codec.ts';
import type { EventRun } from './journal-reader.ts';
import type { Sqlite } from './open-database.ts';
import { sha256Hex } from './seal.ts';

/** Reads blocks. Only what is asked for is read: a start costs the same at any length. */
export interface BlockStore {
  last(): { readonly seq: number; readonly hash: string };
  oldestSeq(): number;
  readAfter(seq: number, maxEvents: number, maxBytes: number): EventRun | undefined;
  hashAt(seq: number): string | undefined;
  blockFrom(seq: number): BlockRow | undefined;
  /** @throws Fault CHAIN_BROKEN when the newest blocks are not what was sealed. */
  checkTail(): void;
}

const tailBlocks = 4;

export function createBlockStore(db: Sqlite, epoch: EpochIdentity): BlockStore {
  const at = db.prepare<[number], BlockRow>(
    'SELECT * FROM block WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1',
  );
  const first = db.prepare<[], { first_seq: number }>(
    'SELECT first_seq FROM block ORDER BY first_seq LIMIT 1',
  );
  const newest = db.prepare<[number], BlockRow>(
    'SELECT * FROM block ORDER BY first_seq DESC LIMIT ?',
  );
  const genesis = genesisHash(epoch, sha256Hex);

  function blockFrom(seq: number): BlockRow | undefined {
    const row = at.get(seq);
    return row !== undefined && row.last_seq >= seq ? row : undefined;
  }

  return {
    last() {
      const row = newest.get(1);
      return row === undefined ? { seq: 0, hash: genesis } : { seq: row.last_seq, hash: row.hash };
    },
    oldestSeq: () => first.get()?.first_seq ?? 1,
    blockFrom,
    readAfter: (seq, maxEvents, maxBytes) => readAfter(blockFrom, seq, maxEvents, maxBytes),
    hashAt(seq) {
      if (seq === 0) return genesis;
      const row = blockFrom(seq);
      if (row === undefined) return undefined;
      if (row.last_seq === seq) return row.hash;
      const events = decodeBlock(row.bytes).slice(0, seq - row.first_seq + 1);
      return chainHashes(row.previous_hash, events).at(-1);
    },
    checkTail() {
      const rows = newest.all(tailBlocks).reverse();
      let previous = rows[0]?.first_seq === 1 ? genesis : rows[0]?.previous_hash;
      for (const row of rows) {
        const fault = faultOfBlock(row, previous ?? '');
        if (fault !== undefined) throw new Fault('CHAIN_BROKEN', fault);
        previous = row.hash;
      }
    },
  };
}

/** Collects a run of events over as many blocks as fit. */
function readAfter(
  blockFrom: (seq: number) => BlockRow | undefined,
  after: number,
  maxEvents: number,
  maxBytes: number,
): EventRun | undefined {
  const events: StoredEvent[] = [];
  let previousHash: string | undefined;
  let hash = '';
  let seq = after;
  let bytes = 0;
  for (;;) {
    const row = blockFrom(seq + 1);
    if (row === undefined) break;
    const inside = decodeBlock(row.bytes);
    const skipped = inside.splice(0, seq + 1 - row.first_seq);
    hash = chainHashes(row.previous_hash, skipped).at(-1) ?? row.previous_hash;
    previousHash ??= hash;
    for (const event of inside) {
      bytes += Buffer.byteLength(event.header) + Buffer.byteLength(event.payload) + 2;
      if (events.length > 0 && (bytes > maxBytes || events.length >= maxEvents)) {
        return { previousHash, firstSeq: after + 1, lastSeq: seq, headHash: hash, events };
      }
      events.push(event);
      seq += 1;
      hash = seq === row.last_seq ? row.hash : eventHash(hash, event, sha256Hex);
    }
  }
  if (previousHash === undefined) return undefined;
  return { previousHash, firstSeq: after + 1, lastSeq: seq, headHash: hash, events };
}
