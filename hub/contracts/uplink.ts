import Type from 'typebox';
import type { Static } from 'typebox';
import { encodeCanonical } from './canonical.ts';
import { checkpoint, epochIdentity } from './chain.ts';
import { keyRotated } from './kinds/gateway-kinds.ts';
import { closed, count, epochMs, hash, name, open, sequence } from './schema.ts';

/** What gateway and hub say to each other about the ordered lane. Every message is signed. */

const signature = Type.String({ minLength: 80, maxLength: 100, description: 'Ed25519, base64' });

/** First line of a batch: the events after `previousHash`, up to the checkpoint. */
export const batchHeader = closed({
  checkpoint,
  events: Type.Integer({ minimum: 1, maximum: 1000 }),
  firstSeq: Type.Integer({ minimum: 1 }),
  previousHash: hash,
  signature,
  v: Type.Literal(1),
});
export type BatchHeader = Static<typeof batchHeader>;

/**
 * A gateway's first words on every connection; the answer is a receipt. `rotations`: how its key came
 * about, the oldest first, said now and then while the lane is halted: a hub that was restored to a
 * time before them knows the key that signed the first.
 */
export const hello = closed({
  epoch: epochIdentity,
  head: checkpoint,
  oldestSeq: sequence,
  rotations: Type.Optional(Type.Array(keyRotated, { maxItems: 20 })),
  signature,
  v: Type.Literal(1),
});
export type Hello = Static<typeof hello>;

/**
 * The hub's signed word on how far it is. `committed` is in the hub's own store under `headHash`;
 * `secured` is in an off-machine copy, and only that may be trimmed; `credit` is how many events
 * beyond `committed` the gateway may have under way. `replay` asks to send again from
 * `committed + 1`; `halted` means the hub's history is not a prefix of the gateway's.
 */
const receipt = open({
  atMs: epochMs,
  committed: sequence,
  credit: count,
  epoch: Type.Integer({ minimum: 1 }),
  gateway: name,
  headHash: hash,
  number: sequence,
  reason: Type.Optional(Type.String({ maxLength: 200 })),
  secured: sequence,
  site: name,
  state: Type.Enum(['open', 'replay', 'halted']),
  tenant: name,
});
export type Receipt = Static<typeof receipt>;

export const signedReceipt = closed({ receipt, signature });
export type SignedReceipt = Static<typeof signedReceipt>;

export function helloText(of: Omit<Hello, 'signature'>): string {
  return `holdfast-hello-1\n${encodeCanonical(of)}`;
}

export function receiptText(of: Receipt): string {
  return `holdfast-receipt-1\n${encodeCanonical(of)}`;
}

export const maxBatchEvents = 500;
/** Uncompressed; a compressed message stays below NATS' default limit of 1 MiB. */
export const maxBatchBytes = 768 * 1024;
