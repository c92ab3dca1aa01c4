import { eventHash } from '#contracts/chain.ts';
import type { StoredEvent } from '#contracts/envelope.ts';
import { decodeBlock, type BlockRow } from './block-codec.ts';
import { sha256Hex } from './seal.ts';

/** The hash after each event of a run. */
export function chainHashes(previousHash: string, events: readonly StoredEvent[]): string[] {
  let hash = previousHash;
  return events.map((event) => (hash = eventHash(hash, event, sha256Hex)));
}

/**
 * Recomputes a block against what its row says.
 *
 * @returns what is wrong with it, naming the first position that cannot be trusted.
 */
export function faultOfBlock(row: BlockRow, expectedPrevious: string): string | undefined {
  const events = decodeBlock(row.text);
  if (row.previous_hash !== expectedPrevious) {
    return `event ${row.first_seq} does not continue the hash of event ${row.first_seq - 1}`;
  }
  const expectedCount = row.last_seq - row.first_seq + 1;
  if (events.length !== expectedCount) {
    return `events ${row.first_seq} to ${row.last_seq}: ${events.length} of ${expectedCount} found`;
  }
  if (chainHashes(row.previous_hash, events).at(-1) !== row.hash) {
    return `events ${row.first_seq} to ${row.last_seq} do not have the hash they were sealed with`;
  }
  return undefined;
}
