import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, count, epochMs, hash, sequence } from '../schema.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** One entry of a gateway's intake log, decoded. */
const rawEntry = closed({
  pos: sequence,
  receivedAt: epochMs,
  type: Type.String({ description: 'message, refused, connection, gap, tick, act, …' }),
  device: nullable(Type.String()),
  channel: nullable(Type.String({ description: 'MQTT topic below the device, or name of a tag' })),
  bytes: nullable(count),
  payloadBase64: nullable(Type.String()),
  /** null where the payload is not UTF-8, or the entry has none. */
  payloadText: nullable(Type.String()),
  /** Canonical text of the entry's body. */
  body: Type.String(),
  /** This entry made the gateway say the event. */
  cause: Type.Boolean(),
  /** In a leaf that is proved to belong to a root that came through the chain. */
  proven: Type.Boolean(),
});
export type RawEntry = Static<typeof rawEntry>;

/** RFC 9162, 2.1.3: anybody can check it with SHA-256. */
const leafProof = closed({
  segment: Type.Integer(),
  leaf: count,
  leaves: count,
  leafHash: hash,
  path: Type.Array(hash),
  root: hash,
  /** `gateway/epoch/seq` of the event that brought the root. */
  sealedBy: Type.String(),
});

/**
 * `proven`: the causing entry is here with its proof. `unproven`: it is here, and its seal is not,
 * yet. `pruned`, `lost`, `damaged`: it is not there any more. `away`: the gateway does not answer.
 * `refuted`: what the gateway gave does not belong to the root. `unknown`: it knows no such entry.
 */
const rawEvidenceStates = [
  'proven',
  'unproven',
  'pruned',
  'lost',
  'damaged',
  'away',
  'refuted',
  'unknown',
] as const;

export const rawEvidence = closed({
  event: Type.String(),
  state: Type.Enum([...rawEvidenceStates]),
  /** The state in words. */
  detail: Type.String(),
  causePos: sequence,
  /** Where the causing entry is, or was. */
  segment: nullable(
    closed({
      segment: Type.Integer(),
      firstPos: sequence,
      lastPos: sequence,
      entries: count,
      leaves: count,
      root: hash,
      sealedBy: Type.String(),
      prunedAt: nullable(epochMs),
      prunedBy: nullable(Type.String()),
    }),
  ),
  entries: Type.Array(rawEntry),
  proofs: Type.Array(leafProof),
  /** Leaves and entries that belong to it and are not shown. */
  left: count,
  /** When the gateway gave it; null where nothing came. */
  fetchedAt: nullable(epochMs),
  cached: Type.Boolean(),
});
export type RawEvidence = Static<typeof rawEvidence>;
