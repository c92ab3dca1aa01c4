import { createHash } from 'node:crypto';

/**
 * The hash chain of a journal, written from its description (docs/architecture.md, "The chain"):
 *
 *     genesis = SHA-256("holdfast-epoch-1" LF identity)
 *     hash    = SHA-256(previous hash LF header LF SHA-256(payload))
 *
 * over UTF-8 text, every hash as lower-case hex. `identity` is the canonical JSON of the epoch. An
 * erased payload stands as `#` and its hash.
 */
export function genesisOf(identityText: string): string {
  return sha256(`holdfast-epoch-1\n${identityText}`);
}

/** The hash that an event must have after `previousHash`. */
export function linkHash(previousHash: string, header: string, payload: string): string {
  const ofPayload = payload.startsWith('#') ? payload.slice(1) : sha256(payload);
  return sha256(`${previousHash}\n${header}\n${ofPayload}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
