import Type from 'typebox';
import type { Static } from 'typebox';
import { encodeCanonical } from './canonical.ts';
import { personId } from './goods.ts';
import { closed, count, epochMs, hash, name, oneOf, open, sequence } from './schema.ts';

/**
 * The downlink: what the hub wants of a gateway, as one ordered log per gateway. Each entry is
 * signed by the hub. The gateway asks for what follows the entry it last settled and says what
 * became of those before; a nudge on another subject only tells it not to wait with that. So
 * nothing is lost with a message, a connection, or a process on either side.
 */

const signature = Type.String({ minLength: 80, maxLength: 100, description: 'Ed25519, base64' });
const address = { gateway: name, site: name, tenant: name };
const kind = Type.String({ pattern: '^[a-z][a-z-]{0,39}$' });

/** What an entry may be about. A gateway refuses kinds that it does not know. */
export const downlinkKinds = ['config', 'people', 'transfers'] as const;
export type DownlinkKind = (typeof downlinkKinds)[number];

/** Content is UTF-8 text of any length up to this, fetched in chunks. */
export const maxDownlinkBytes = 16 * 1_048_576;
/** Of one chunk; with its head it stays below NATS' default limit of 1 MiB. */
export const downlinkChunkBytes = 512 * 1024;

/**
 * One entry of the log. `previous` is the sequence before it, 0 for none: who has settled less than
 * that is missing one. `hash` is SHA-256 of the content.
 */
const downlinkEntry = open({
  ...address,
  atMs: epochMs,
  bytes: Type.Integer({ minimum: 0, maximum: maxDownlinkBytes }),
  hash,
  kind,
  previous: sequence,
  seq: Type.Integer({ minimum: 1 }),
  v: Type.Literal(1),
});
export type DownlinkEntry = Static<typeof downlinkEntry>;

export const signedDownlinkEntry = closed({ entry: downlinkEntry, signature });
export type SignedDownlinkEntry = Static<typeof signedDownlinkEntry>;

/** One thing that is wrong with a content, as whoever wrote it needs to hear it. */
export const downlinkFault = closed({
  column: Type.Optional(Type.Integer({ minimum: 1 })),
  line: Type.Optional(Type.Integer({ minimum: 1 })),
  message: Type.String({ maxLength: 300 }),
  path: Type.String({ maxLength: 200, description: 'JSON pointer into the content' }),
  remedy: Type.String({ maxLength: 300 }),
});
export type DownlinkFault = Static<typeof downlinkFault>;

export const maxDownlinkFaults = 20;

/**
 * `trial`: in force until it proves itself; then `applied`, or `returned` to what was before.
 * `deferred`: kept, and taken up when what a person put in force locally is over.
 */
export const downlinkResults = ['applied', 'trial', 'returned', 'refused', 'deferred'] as const;
export type DownlinkResult = (typeof downlinkResults)[number];

/** What became of an entry. A later outcome of the same entry takes the place of the earlier. */
export const downlinkOutcome = closed({
  atMs: epochMs,
  /** Why not: of the fault table. */
  code: Type.Optional(Type.String({ maxLength: 40 })),
  faults: Type.Optional(Type.Array(downlinkFault, { maxItems: maxDownlinkFaults })),
  /** Of what is in force since, where the kind has one. */
  inForce: Type.Optional(hash),
  kind,
  result: oneOf(downlinkResults),
  seq: Type.Integer({ minimum: 1 }),
  text: Type.Optional(Type.String({ maxLength: 500 })),
});
export type DownlinkOutcome = Static<typeof downlinkOutcome>;

/** Whose word counts for the site configuration of a gateway. */
export const configOwners = ['file', 'hub'] as const;

/** How a gateway stands with its configuration. `hash` is of all that is in force, secrets aside. */
export const configReport = closed({
  appliedAtMs: epochMs,
  hash,
  owner: oneOf(configOwners),
  refused: Type.Optional(
    closed({
      atMs: epochMs,
      code: Type.String({ maxLength: 40 }),
      faults: Type.Array(downlinkFault, { maxItems: maxDownlinkFaults }),
      text: Type.String({ maxLength: 500 }),
    }),
  ),
  /** A person at the site put another one in force for a while. */
  override: Type.Optional(
    closed({
      by: personId,
      reason: Type.String({ maxLength: 300 }),
      sinceMs: epochMs,
      untilMs: epochMs,
    }),
  ),
  trialUntilMs: Type.Optional(epochMs),
  /** All that are named in what is in force, whoever wrote it. */
  zones: Type.Optional(Type.Array(name, { maxItems: 2000 })),
});
export type ConfigReport = Static<typeof configReport>;

/** Parts of contents that gateways of an earlier version refuse: sent to those that take them. */
export const gatewayAbilities = ['people.revoked-before'] as const;
export type GatewayAbility = (typeof gatewayAbilities)[number];

/** What a gateway says of itself with every pull. Each kind may have its part. */
export const downlinkReport = closed({
  config: Type.Optional(configReport),
  /** Its abilities; absent: it is of a version before there were any. */
  takes: Type.Optional(Type.Array(Type.String({ maxLength: 60 }), { maxItems: 100 })),
});
export type DownlinkReport = Static<typeof downlinkReport>;

export const maxDownlinkOutcomes = 20;

/**
 * "I have settled everything up to `settled`; this became of it; what is next?" `number` only grows,
 * so that an old pull does not undo what a newer one said.
 */
const downlinkPull = closed({
  ...address,
  number: sequence,
  outcomes: Type.Array(downlinkOutcome, { maxItems: maxDownlinkOutcomes }),
  report: downlinkReport,
  settled: sequence,
  type: Type.Literal('pull'),
  v: Type.Literal(1),
});
export type DownlinkPull = Static<typeof downlinkPull>;

/** A piece of the content of an entry of this gateway. */
const downlinkRead = closed({
  ...address,
  offset: count,
  seq: Type.Integer({ minimum: 1 }),
  type: Type.Literal('read'),
  v: Type.Literal(1),
});

const downlinkRequest = Type.Union([downlinkPull, downlinkRead]);
export type DownlinkRequest = Static<typeof downlinkRequest>;

export const signedDownlinkRequest = closed({ request: downlinkRequest, signature });

/**
 * The hub's word on a pull: the next entry, if there is one. `request` is the hash of the signed
 * text it answers, so that it proves contact now. `number` is the last that counted: who used a
 * lower one goes on from there.
 */
const downlinkAnswer = open({
  ...address,
  atMs: epochMs,
  entry: Type.Union([signedDownlinkEntry, Type.Null()]),
  /** Under this key the hub knows the gateway. Said only while its signing key is being changed. */
  keyId: Type.Optional(Type.String({ pattern: '^[0-9a-f]{16}$' })),
  latest: sequence,
  number: sequence,
  request: hash,
  v: Type.Literal(1),
});
export type DownlinkAnswer = Static<typeof downlinkAnswer>;

export const signedDownlinkAnswer = closed({ answer: downlinkAnswer, signature });

/** Head of the answer to a read: one line; the bytes follow it. Proved by the entry's hash. */
export const downlinkChunk = closed({
  offset: count,
  seq: Type.Integer({ minimum: 1 }),
  type: Type.Literal('chunk'),
  v: Type.Literal(1),
});

/** What is signed. The first line keeps one signature from serving as another. */
export function downlinkEntryText(of: DownlinkEntry): string {
  return `holdfast-downlink-1\n${encodeCanonical(of)}`;
}

export function downlinkRequestText(of: DownlinkRequest): string {
  return `holdfast-downlink-request-1\n${encodeCanonical(of)}`;
}

export function downlinkAnswerText(of: DownlinkAnswer): string {
  return `holdfast-downlink-answer-1\n${encodeCanonical(of)}`;
}
