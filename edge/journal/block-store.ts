import type { EpochIdentity } from '#contracts/chain.ts';
import { Fault } from '#contracts/fault.ts';
import { genesisHash } from '#contracts/chain.ts';
import { chainHashes, faultOfBlock } from './block-chain.ts';
import { decodeBlock, fitEvents, type BlockRow } from './block-codec.ts';
import type { BlockRows } from './block-rows.ts';
import type { EventRun } from './journal-reader.ts';
import { sha256Hex } from './seal.ts';

/** Reads blocks. Only what is asked for is read: a start costs the same at any length. */
export interface BlockStore extends BlockRows {
  last(): { readonly seq: number; readonly hash: string };
  readAfter(seq: number, maxEvents: number, maxBytes: number): EventRun | undefined;
  hashAt(seq: number): string | undefined;
  /** @throws Fault CHAIN_BROKEN when the newest blocks are not what was sealed. */
  checkTail(): void;
}

const tailBlocks = 4;

export function createBlockStore(rows: BlockRows, epoch: EpochIdentity): BlockStore {
  const blockFrom = (seq: number): BlockRow | undefined => rows.blockFrom(seq);
  const genesis = genesisHash(epoch, sha256Hex);

  return {
    last() {
      const [row] = rows.newest(1);
      return row === undefined ? { seq: 0, hash: genesis } : { seq: row.last_seq, hash: row.hash };
    },
    ...rows,
    readAfter: (seq, maxEvents, maxBytes) => readAfter(blockFrom, seq, maxEvents, maxBytes),
    hashAt(seq) {
      if (seq === 0) return genesis;
      const row = blockFrom(seq);
      if (row === undefined) return undefined;
      if (row.last_seq === seq) return row.hash;
      const events = decodeBlock(row.text).slice(0, seq - row.first_seq + 1);
      return chainHashes(row.previous_hash, events).at(-1);
    },
    checkTail() {
      const tail = rows.newest(tailBlocks).reverse();
      let previous = tail[0]?.first_seq === 1 ? genesis : tail[0]?.previous_hash;
      for (const row of tail) {
        const fault = faultOfBlock(row, previous ?? '');
        if (fault !== undefined) throw new Fault('CHAIN_BROKEN', fault);
        previous = row.hash;
      }
    },
  };
}

/**
 * Collects a run of events over as many blocks as fit. Blocks are passed on as they were stored;
 * only one that a run begins or ends within is looked into.
 */
function readAfter(
  blockFrom: (seq: number) => BlockRow | undefined,
  after: number,
  maxEvents: number,
  maxBytes: number,
): EventRun | undefined {
  const lines: string[] = [];
  let previousHash: string | undefined;
  let hash = '';
  let seq = after;
  let bytes = 0;
  while (seq - after < maxEvents) {
    const row = blockFrom(seq + 1);
    if (row === undefined) break;
    const skipped = seq + 1 - row.first_seq;
    const start = fitEvents(row.text, 0, { events: skipped, bytes: Infinity }).end;
    const allowed = { events: maxEvents - (seq - after), bytes: maxBytes - bytes };
    let fitting = fitRest(row, seq, start, allowed);
    if (fitting.events === 0) {
      if (lines.length > 0) break;
      fitting = fitEvents(row.text, start, { events: 1, bytes: Infinity });
    }
    const taken = row.text.slice(start, fitting.end);
    lines.push(taken);
    bytes += Buffer.byteLength(taken);
    seq += fitting.events;
    previousHash ??= hashBefore(row, start);
    hash = hashBefore(row, fitting.end);
  }
  if (previousHash === undefined) return undefined;
  return { previousHash, firstSeq: after + 1, lastSeq: seq, headHash: hash, lines };
}

/** What of a block's rest may be taken: most often all of it. */
function fitRest(
  { last_seq: lastSeq, text }: BlockRow,
  seq: number,
  start: number,
  allowed: { readonly events: number; readonly bytes: number },
): { events: number; end: number } {
  const rest = lastSeq - seq;
  const fits = rest <= allowed.events && Buffer.byteLength(text.slice(start)) <= allowed.bytes;
  return fits ? { events: rest, end: text.length } : fitEvents(text, start, allowed);
}

/** The hash of the last event before an offset of a block's text. */
function hashBefore(row: BlockRow, offset: number): string {
  if (offset === row.text.length) return row.hash;
  const events = decodeBlock(row.text.slice(0, offset));
  return chainHashes(row.previous_hash, events).at(-1) ?? row.previous_hash;
}
