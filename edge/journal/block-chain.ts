import { eventHash, keyRotationText } from '#contracts/chain.ts';
import type { EventHeader, StoredEvent } from '#contracts/envelope.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import { verifySignature } from '../identity/verify-signature.ts';
import { decodeBlock, type BlockRow } from './block-codec.ts';
import { sha256Hex } from './seal.ts';

/** The hash after each event of a run. */
export function chainHashes(previousHash: string, events: readonly StoredEvent[]): string[] {
  let hash = previousHash;
  return events.map((event) => (hash = eventHash(hash, event, sha256Hex)));
}

/** A key may name the next one only where both signed that; all other events need no proof here. */
function isProvenRotation({ header, payload }: StoredEvent): boolean {
  if (!header.includes('"kind":"gateway.key-rotated"') || payload.startsWith('#')) return true;
  const { gateway, site } = JSON.parse(header) as EventHeader;
  const named = JSON.parse(payload) as EventPayload<'gateway.key-rotated'>;
  const { fromKey, key, proof, signature } = named;
  const text = keyRotationText({ fromKey, gateway, key, site });
  return verifySignature(fromKey, text, signature) && verifySignature(key, text, proof);
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
  const unproven = events.findIndex((event) => !isProvenRotation(event));
  if (unproven >= 0) return `event ${row.first_seq + unproven} names a key that nothing proves`;
  if (chainHashes(row.previous_hash, events).at(-1) !== row.hash) {
    return `events ${row.first_seq} to ${row.last_seq} do not have the hash they were sealed with`;
  }
  return undefined;
}
