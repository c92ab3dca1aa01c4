import Type from 'typebox';
import type { Static } from 'typebox';
import { encodeCanonical } from './canonical.ts';
import type { StoredEvent } from './envelope.ts';
import { closed, epochMs, hash, name, sequence } from './schema.ts';

/** SHA-256 of UTF-8 text as lower-case hex. Passed in: this folder does no I/O. */
export type Sha256Hex = (text: string) => string;

/** One life of a gateway's journal. A restored backup or a replaced box begins a new one. */
export const epochIdentity = closed({
  gateway: name,
  id: Type.String({ pattern: '^[0-9a-f]{32}$', description: 'random, 128 bits' }),
  ordinal: Type.Integer({ minimum: 1 }),
  parent: Type.Union([
    Type.Null(),
    closed({ hash, ordinal: Type.Integer({ minimum: 1 }), seq: sequence }),
  ]),
  site: name,
  startedAt: epochMs,
  tenant: name,
});
export type EpochIdentity = Static<typeof epochIdentity>;

/** The hash that the first event of an epoch chains to: it commits to who writes and from where on. */
export function genesisHash(epoch: EpochIdentity, sha256: Sha256Hex): string {
  return sha256(`holdfast-epoch-1\n${encodeCanonical(epoch)}`);
}

/**
 * The hash of an event: previous hash, the exact header text, and the payload's own hash, so that
 * a payload can be erased and the chain still be proved.
 */
export function eventHash(previousHash: string, event: StoredEvent, sha256: Sha256Hex): string {
  return sha256(`${previousHash}\n${event.header}\n${payloadHash(event.payload, sha256)}`);
}

export function payloadHash(payload: string, sha256: Sha256Hex): string {
  return payload.startsWith('#') ? payload.slice(1) : sha256(payload);
}

/** A position in a journal whose hash the gateway signs. */
export const checkpoint = closed({
  atMs: epochMs,
  epoch: Type.Integer({ minimum: 1 }),
  epochId: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  gateway: name,
  hash,
  keyId: Type.String({
    pattern: '^[0-9a-f]{16}$',
    description: 'first 8 bytes of SHA-256 of the public key',
  }),
  seq: sequence,
  site: name,
  tenant: name,
});
export type Checkpoint = Static<typeof checkpoint>;

/**
 * What both keys sign where a gateway's next signing key is named in its journal; keys are base64 of
 * the raw 32 bytes.
 */
export function keyRotationText(of: {
  readonly site: string;
  readonly gateway: string;
  readonly fromKey: string;
  readonly key: string;
}): string {
  const { fromKey, gateway, key, site } = of;
  return `holdfast-key-rotation-1\n${encodeCanonical({ fromKey, gateway, key, site })}`;
}

/** What is signed for a checkpoint. The first line keeps one signature from serving as another. */
export function checkpointText(of: Checkpoint): string {
  return `holdfast-checkpoint-1\n${encodeCanonical(of)}`;
}
