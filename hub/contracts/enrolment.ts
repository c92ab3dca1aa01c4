import Type from 'typebox';
import type { Static } from 'typebox';
import { encodeCanonical } from './canonical.ts';
import { closed, epochMs, hash, name, oneOf } from './schema.ts';

/**
 * How a gateway becomes known to its hub, and how it changes its login. Every request is signed by
 * the keys it speaks of, every answer by the hub: what carries them need not be trusted.
 */

const nkey = Type.String({ pattern: '^U[A-Z2-7]{55}$', description: 'public nkey of a NATS user' });
const publicKey = Type.String({
  pattern: '^[0-9A-Za-z+/]{43}=$',
  description: 'Ed25519, base64 of the raw 32 bytes',
});
const signature = Type.String({ pattern: '^[0-9A-Za-z+/]{86}==$', description: 'Ed25519, base64' });
const natsServers = Type.Array(Type.String({ pattern: '^(nats|tls|ws|wss)://', maxLength: 300 }), {
  minItems: 1,
  maxItems: 20,
});
const certificates = Type.String({
  maxLength: 20_000,
  description: 'PEM of the private CA that signed for the hub and its nats-server',
});

/** What a token's text begins with; base64url of its canonical JSON follows. */
export const tokenPrefix = 'hfe1.';

/**
 * What a person carries from the hub to a new box. It is a secret: `seed` signs the one request
 * that it is good for. The hub keeps only the public half.
 */
export const enrolmentToken = closed({
  ca: Type.Optional(certificates),
  expiresAt: epochMs,
  gateway: name,
  hubKey: publicKey,
  hubUrls: Type.Array(Type.String({ pattern: '^https?://[^/]+$', maxLength: 300 }), {
    minItems: 1,
    maxItems: 10,
  }),
  natsServers,
  purpose: oneOf(['enrol', 'replace']),
  seed: Type.String({ pattern: '^SU[A-Z2-7]{56}$' }),
  site: name,
  tenant: name,
  v: Type.Literal(1),
});
export type EnrolmentToken = Static<typeof enrolmentToken>;

/** The name of a token in lists and logs: no secret. */
const tokenId = Type.String({
  pattern: '^[0-9a-f]{16}$',
  description: "first 8 bytes of SHA-256 of the token's public nkey, hex",
});

/** A box asks to be let in under the token's name. Each key proves itself. */
export const enrolmentRequest = closed({
  gateway: name,
  nkey,
  signatures: closed({ login: signature, signing: signature, token: signature }),
  signingKey: publicKey,
  site: name,
  tenant: name,
  token: tokenId,
  v: Type.Literal(1),
});
export type EnrolmentRequest = Static<typeof enrolmentRequest>;

/** `request` is the hash of the text that was signed: an old answer does not serve for a new one. */
const enrolmentAnswer = closed({
  ca: Type.Optional(certificates),
  gateway: name,
  natsServers,
  /** What somebody at the hub still has to do before NATS takes the login. */
  pending: Type.Optional(Type.String({ maxLength: 300 })),
  request: hash,
  site: name,
  tenant: name,
  v: Type.Literal(1),
});
export type EnrolmentAnswer = Static<typeof enrolmentAnswer>;

export const signedEnrolmentAnswer = closed({ answer: enrolmentAnswer, signature });
export type SignedEnrolmentAnswer = Static<typeof signedEnrolmentAnswer>;

/**
 * "I log in with `login`; take `next` as well, and nothing else from now on." Said first with a next
 * one, then, logged in by that one, without.
 */
export const loginStatement = closed({
  gateway: name,
  login: nkey,
  next: Type.Union([Type.Null(), nkey]),
  signatures: closed({ login: signature, next: Type.Optional(signature), signing: signature }),
  site: name,
  tenant: name,
  v: Type.Literal(1),
});
export type LoginStatement = Static<typeof loginStatement>;

const loginAnswer = closed({
  gateway: name,
  login: nkey,
  next: Type.Union([Type.Null(), nkey]),
  pending: Type.Optional(Type.String({ maxLength: 300 })),
  request: hash,
  v: Type.Literal(1),
});
export type LoginAnswer = Static<typeof loginAnswer>;

export const signedLoginAnswer = closed({ answer: loginAnswer, signature });
export type SignedLoginAnswer = Static<typeof signedLoginAnswer>;

/** What all three keys of a request sign. The first line keeps one signature from serving as another. */
export function enrolmentText(of: Omit<EnrolmentRequest, 'signatures'>): string {
  return `holdfast-enrol-1\n${encodeCanonical(of)}`;
}

export function enrolmentAnswerText(of: EnrolmentAnswer): string {
  return `holdfast-enrolled-1\n${encodeCanonical(of)}`;
}

export function loginText(of: Omit<LoginStatement, 'signatures'>): string {
  return `holdfast-login-1\n${encodeCanonical(of)}`;
}

export function loginAnswerText(of: LoginAnswer): string {
  return `holdfast-login-taken-1\n${encodeCanonical(of)}`;
}
