import { createPublicKey, hash, verify, type KeyObject } from 'node:crypto';
import type { Sha256Hex } from '#contracts/chain.ts';
import { refuse, succeed, type Result } from '#contracts/fault.ts';

export const sha256Hex: Sha256Hex = (text) => hash('sha256', text);

export function sha256OfBytes(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}

/** A party's Ed25519 public key: what it signed is its word. */
export interface VerifyKey {
  /** First 8 bytes of SHA-256 of the raw key, hex. */
  readonly keyId: string;
  verify(text: string, signature: string): boolean;
}

/** Reads a public key given as base64 of its raw 32 bytes. */
export function parseVerifyKey(base64: string): Result<VerifyKey> {
  const raw = Buffer.from(base64, 'base64');
  if (raw.length !== 32 || raw.toString('base64') !== base64) {
    return refuse('BAD_INPUT', 'a signing key is base64 of the 32 bytes of an Ed25519 public key');
  }
  let key: KeyObject;
  try {
    key = createPublicKey({
      format: 'jwk',
      key: { crv: 'Ed25519', kty: 'OKP', x: raw.toString('base64url') },
    });
  } catch {
    return refuse('BAD_INPUT', 'the signing key is no point of Ed25519');
  }
  return succeed({
    keyId: keyIdOf(raw),
    verify: (text, signature) =>
      verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64')),
  });
}

export function keyIdOf(rawPublicKey: Uint8Array): string {
  return sha256OfBytes(rawPublicKey).slice(0, 16);
}
