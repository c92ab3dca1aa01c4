import Type from 'typebox';
import { personId } from '../goods.ts';
import { closed, count, epochMs, hash, oneOf, sequence } from '../schema.ts';

/** What a gateway says about itself. */

export const gatewayStarted = closed({
  clean: Type.Boolean({ description: 'false after a crash or a power cut' }),
  lastAliveAt: Type.Optional(epochMs),
  version: Type.String({ maxLength: 40 }),
});

export const configApplied = closed({ hash, origin: oneOf(['file', 'hub']) });

/** A config was to take effect and did not: the former one is in force. */
export const configRefused = closed({
  code: Type.String({ maxLength: 40 }),
  faults: count,
  origin: oneOf(['file', 'hub']),
  text: Type.String({ maxLength: 500 }),
});

/**
 * A person at the site put another config in force for a while, whatever the hub wants. The same
 * `since` again is the same override with other content or another end.
 */
export const configOverridden = closed({
  by: personId,
  hash,
  reason: Type.String({ minLength: 1, maxLength: 300 }),
  since: epochMs,
  until: epochMs,
});

/** It is over. In force is what the hub wants by now, or what was in force before it. */
export const configOverrideEnded = closed({
  by: Type.Optional(personId),
  hash,
  inForce: oneOf(['hub', 'former']),
  outcome: oneOf(['expired', 'ended']),
  since: epochMs,
});

const publicKey = Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$', description: 'Ed25519, base64' });
const signature = Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$', description: 'Ed25519, base64' });

/**
 * The gateway's next signing key, named by the one before: `signature` is that one's, `proof` the next
 * one's, over the same `keyRotationText`. What follows is signed by the next as soon as the hub knows it.
 */
export const keyRotated = closed({
  fromKey: publicKey,
  key: publicKey,
  keyId: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  proof: signature,
  signature,
});

export const uplinkLost = closed({ committedSeq: sequence, lastContactAt: Type.Optional(epochMs) });

export const uplinkRestored = closed({
  keptEvents: count,
  lostAt: epochMs,
});

export const intakeHeld = closed({ reason: oneOf(['disk-full', 'disk-error']) });

export const intakeResumed = closed({ heldSince: epochMs });

/** An operator had the gateway leave a time that lay ahead: what follows is stamped from `to` on. */
export const clockAccepted = closed({ from: epochMs, to: epochMs });

export const clockDoubts = ['behind', 'unset'] as const;

/**
 * The machine's clock is not to be believed: `behind` what is on disk already, by `behindMs`, or
 * `unset`, at a time before any release. From here on times are at least that late, and `unjudged`.
 */
export const clockDoubted = closed({
  behindMs: count,
  reason: oneOf(clockDoubts),
  systemAt: epochMs,
});

/** The machine's clock jumped by so many milliseconds: it would have said `from`, and said `to`. */
export const clockStepped = closed({ byMs: Type.Integer(), from: epochMs, to: epochMs });

/**
 * The machine's clock is right again. What was stamped from `since` to `until` is unjudged; what was
 * from `shift.from` on is `shift.byMs` too early, and before that by nobody knows how much.
 */
export const clockTrusted = closed({
  shift: Type.Optional(closed({ byMs: count, from: epochMs })),
  since: epochMs,
  until: epochMs,
});

/**
 * The gateway itself failed on something it had taken in, and went on without it; kept in its
 * quarantine under this hash. `timers`: what is due by time was left out for a while.
 */
export const entrySetAside = closed({
  bytes: count,
  entry: Type.String({ pattern: '^[a-z]+(?:-[a-z]+)*$', maxLength: 40 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});

/**
 * A box took the place of another one, with the book as the hub knew it at `parent`, the last of the
 * former journal that arrived. It posts nothing: what it counts is what it began with. What the former
 * box saw between `uncertainFrom` and `uncertainTo` nobody knows; that is what its recount tasks are for.
 */
export const bookRestored = closed({
  accounts: count,
  /** Ids of acts and scans that are known again when they come again; absent: none were brought. */
  acts: Type.Optional(count),
  /** Of the book as it came. */
  book: hash,
  parent: closed({ hash, ordinal: Type.Integer({ minimum: 1 }), seq: sequence }),
  /** Zones that are to be counted. */
  recounts: count,
  scans: Type.Optional(count),
  serials: count,
  tasks: count,
  uncertainFrom: epochMs,
  uncertainTo: epochMs,
  units: count,
});
