import Type from 'typebox';
import type { Static } from 'typebox';
import { encodeCanonical } from './canonical.ts';
import { maxEventLeaves } from './evidence-bounds.ts';
import { eventKinds, isPostingKind, type EventKind, type EventPayload } from './event-kinds.ts';
import { maxProofHashes } from './merkle.ts';
import { closed, count, epochMs, hash, name, oneOf, sequence } from './schema.ts';

/**
 * Raw evidence: the entries of a gateway's intake log, kept in sealed segments. A leaf of a
 * segment's Merkle tree is the UTF-8 text of entries of one device, one line each:
 *
 *     {"body":{…},"pos":17,"receivedAt":1800000000000}\n
 *
 * in canonical form. Bytes in a body stand as `{"text":…}` where they are UTF-8, else as
 * `{"base64":…}`. On disk and on the wire a leaf is one zstd frame, so that `zstdcat` shows it.
 */
export const evidenceLine = closed({
  body: Type.Object({
    type: Type.String({ maxLength: 40 }),
    device: Type.Optional(Type.String({ maxLength: 200 })),
  }),
  pos: Type.Integer({ minimum: 1 }),
  receivedAt: epochMs,
});
export type EvidenceLine = Static<typeof evidenceLine>;

/** What the keeper of evidence says, as kind and payload of the event. */
export type EvidenceNotice = {
  [K in Extract<EventKind, `evidence.${string}`>]: {
    readonly kind: K;
    readonly payload: EventPayload<K>;
  };
}[Extract<EventKind, `evidence.${string}`>];

/** The part of the intake log that stands behind an event. Times are those of receipt. */
const evidenceWindow = closed({
  device: Type.Union([name, Type.Null()]),
  fromMs: epochMs,
  pos: sequence,
  toMs: epochMs,
});
export type EvidenceWindow = Static<typeof evidenceWindow>;

/** Kinds whose evidence is kept longer than its turn: postings and excursions. */
export const pinnedKinds = (Object.keys(eventKinds) as EventKind[]).filter(
  (kind) => isPostingKind(kind) || kind.startsWith('climate.excursion-'),
);

const segment = Type.Integer({ minimum: 1 });

/** What the hub asks a gateway. `read` is one chunk of one leaf's frame: cut off, it goes on. */
export const evidenceRequest = Type.Union([
  closed({ type: Type.Literal('locate'), v: Type.Literal(1), window: evidenceWindow }),
  closed({
    leaf: count,
    offset: count,
    segment,
    type: Type.Literal('read'),
    v: Type.Literal(1),
  }),
]);
export type EvidenceRequest = Static<typeof evidenceRequest>;

const signature = Type.String({ minLength: 80, maxLength: 100, description: 'Ed25519, base64' });
export const signedEvidenceRequest = closed({ request: evidenceRequest, signature });

/** What is signed, for one gateway alone. */
export function evidenceRequestText(address: string, of: EvidenceRequest): string {
  return `holdfast-evidence-request-1\n${address}\n${encodeCanonical(of)}`;
}

/** A leaf that is here, with the proof that it belongs to its segment. */
const locatedLeaf = closed({
  frameBytes: count,
  leaf: count,
  leafHash: hash,
  leaves: Type.Integer({ minimum: 1 }),
  path: Type.Array(hash, { maxItems: maxProofHashes }),
  segment,
});
export type LocatedLeaf = Static<typeof locatedLeaf>;

/**
 * Where the causing entry is: in a leaf that is here, not sealed yet (its lines follow the head of
 * the answer, as a frame), pruned, lost before it was sealed, in a file that is damaged, or nowhere.
 */
const causeStates = ['here', 'unsealed', 'pruned', 'lost', 'damaged', 'unknown'] as const;

/** Head of an answer: one line; bytes follow it. Nothing of it is believed without proof. */
export const evidenceReply = Type.Union([
  closed({
    cause: oneOf(causeStates),
    detail: Type.String({ maxLength: 300 }),
    leaves: Type.Array(locatedLeaf, { maxItems: maxEventLeaves }),
    /** Leaves of the window beyond the limit, and leaves that are gone. */
    left: count,
    prunedAt: Type.Union([epochMs, Type.Null()]),
    segment: Type.Union([segment, Type.Null()]),
    type: Type.Literal('located'),
    v: Type.Literal(1),
  }),
  closed({
    frameBytes: count,
    leaf: count,
    offset: count,
    segment,
    type: Type.Literal('chunk'),
    v: Type.Literal(1),
  }),
  closed({
    detail: Type.String({ maxLength: 300 }),
    reason: oneOf(['unreadable', 'not-signed', 'busy', 'gone', 'damaged', 'not-ready']),
    type: Type.Literal('refused'),
    v: Type.Literal(1),
  }),
]);
export type EvidenceReply = Static<typeof evidenceReply>;
