import type { KeyObject } from 'node:crypto';
import { isSignedBy, readPublicKey } from './public-key.ts';

/**
 * Whether the signature over the UTF-8 text was made with the private half of the key (Ed25519,
 * RFC 8032). False, never thrown, for a key or a signature that is none. Who checks many against
 * one key reads it once with `readPublicKey`.
 */
export function verifySignature(
  publicKeyBase64: string,
  text: string,
  signatureBase64: string,
): boolean {
  let key: KeyObject;
  try {
    key = readPublicKey(publicKeyBase64);
  } catch {
    return false;
  }
  return isSignedBy(key, text, signatureBase64);
}
