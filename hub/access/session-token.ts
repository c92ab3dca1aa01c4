import { createHash } from 'node:crypto';
import type { RandomBytes } from './random-bytes.ts';

const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits, base64url: what a session's cookie carries. */
export function newSessionToken(random: RandomBytes): string {
  return Buffer.from(random(32)).toString('base64url');
}

/** Whether text could be a token at all. */
export function isSessionToken(text: string): boolean {
  return tokenShape.test(text);
}

/** What the store keeps of a token: who reads the store cannot sign in with it. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
