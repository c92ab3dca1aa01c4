import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares in a time that says nothing about the token. @param header as `authorization` gives it. */
export function isBearer(header: string | undefined, token: string): boolean {
  const given = /^Bearer (.+)$/.exec(header ?? '')?.[1] ?? '';
  return timingSafeEqual(digestOf(given), digestOf(token)) && given !== '';
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
