import { hash } from 'node:crypto';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { VerifyKey } from '../../hub/intake/wire-crypto.ts';

/**
 * Signatures that only the simulation may believe: a hash over key and text, twenty times quicker
 * than Ed25519. Nobody in a simulation makes one for a key that is not theirs.
 */
export function fakeSignature(publicKey: string, text: string): string {
  const half = hash('sha512', `${publicKey}\n${text}`, 'base64');
  return half;
}

/** Base64 of 32 bytes, another one for each name. */
export function fakePublicKey(name: string): string {
  return hash('sha256', `key of ${name}`, 'base64');
}

export function fakeKeyId(publicKey: string): string {
  return hash('sha256', Buffer.from(publicKey, 'base64'), 'hex').slice(0, 16);
}

export function parseFakeKey(publicKey: string): Result<VerifyKey> {
  if (Buffer.from(publicKey, 'base64').length !== 32) {
    return refuse('BAD_INPUT', 'a signing key is base64 of 32 bytes');
  }
  return succeed({
    keyId: fakeKeyId(publicKey),
    verify: (text, signature) => signature === fakeSignature(publicKey, text),
  });
}
