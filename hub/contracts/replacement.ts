import Type from 'typebox';
import type { Static } from 'typebox';
import { encodeCanonical } from './canonical.ts';
import { closed, count, epochMs, hash, name, sequence } from './schema.ts';
import { bookRows } from './site-book.ts';

/**
 * What a box that was let in by a token for a replacement gets of the box before it: where that
 * journal ended, the site's book there, and the config. Asked for until the new journal has begun.
 */

const signature = Type.String({ pattern: '^[0-9A-Za-z+/]{86}==$', description: 'Ed25519, base64' });
const address = { gateway: name, site: name, tenant: name };

/**
 * `offset`: into the content. Signed by the box's new signing key. `form` 2: the box also takes what
 * is remembered of acts, scans, rights and limits; one that names no form would not understand it.
 */
export const restoreRequest = closed({
  ...address,
  form: Type.Optional(Type.Literal(2)),
  offset: count,
  signature,
  v: Type.Literal(1),
});
export type RestoreRequest = Static<typeof restoreRequest>;

/** The last event of the former journal that the hub committed: the new epoch branches from it. */
export const restoreParent = closed({ hash, ordinal: Type.Integer({ minimum: 1 }), seq: sequence });
export type RestoreParent = Static<typeof restoreParent>;

/** What is restored. `content` is lines of canonical JSON, compressed by zstd. */
export const restoreManifest = closed({
  ...address,
  content: closed({ bytes: Type.Integer({ minimum: 1 }), hash }),
  parent: restoreParent,
  /** From the last event that arrived until the new box was let in. */
  uncertainFromMs: epochMs,
  uncertainToMs: epochMs,
  v: Type.Literal(1),
});
export type RestoreManifest = Static<typeof restoreManifest>;

/** First line of the content. */
export const restoreHead = closed({
  /** What the hub pushed and the former box last had in force: sections of a config file. */
  config: Type.Union([Type.Null(), Type.String()]),
  /** Up to here the former box had settled its downlink. */
  downlinkSettled: sequence,
  parts: count,
  /** Of the site configuration that the former journal names last. */
  siteHash: Type.Union([Type.Null(), hash]),
});
export type RestoreHead = Static<typeof restoreHead>;

/** Every other line. */
export const restorePart = bookRows;

/**
 * `waiting`: the book is being put together, ask again in a second. `nothing`: the former box never
 * delivered anything, so the new one begins as the first. `chunk`: the content from `offset` on.
 */
const restoreAnswer = Type.Union([
  closed({ request: hash, type: Type.Literal('waiting'), v: Type.Literal(1) }),
  closed({ request: hash, type: Type.Literal('nothing'), v: Type.Literal(1) }),
  closed({
    chunk: Type.String({ description: 'base64' }),
    manifest: restoreManifest,
    request: hash,
    type: Type.Literal('chunk'),
    v: Type.Literal(1),
  }),
]);
export type RestoreAnswer = Static<typeof restoreAnswer>;

export const signedRestoreAnswer = closed({ answer: restoreAnswer, signature });
export type SignedRestoreAnswer = Static<typeof signedRestoreAnswer>;

/** Of content in one answer; base64 makes four bytes of three. */
export const restoreChunkBytes = 96 * 1024;
/** Rows that go through the intake log of a gateway as one entry. */
export const restorePartRows = 1000;

export function restoreRequestText(of: Omit<RestoreRequest, 'signature'>): string {
  return `holdfast-restore-1\n${encodeCanonical(of)}`;
}

export function restoreAnswerText(of: RestoreAnswer): string {
  return `holdfast-restored-1\n${encodeCanonical(of)}`;
}
