import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { Fault } from '#contracts/fault.ts';

/** Ed25519 public keys as the project writes them: base64 of the raw 32 bytes (RFC 8032). */

/** Whether a text is base64 of 32 bytes. */
export function isPublicKey(text: string): boolean {
  const raw = Buffer.from(text, 'base64');
  return raw.length === 32 && raw.toString('base64') === text;
}

/** @throws Fault CONFIG_INVALID when the text is not base64 of 32 bytes. */
export function readPublicKey(publicKeyBase64: string): KeyObject {
  if (!isPublicKey(publicKeyBase64)) {
    throw new Fault('CONFIG_INVALID', 'a public key is base64 of 32 bytes (44 characters)', {
      details: { characters: publicKeyBase64.length },
    });
  }
  const raw = Buffer.from(publicKeyBase64, 'base64');
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  });
}

/** The raw 32 bytes of an Ed25519 key's public half. */
export function rawPublicKey(key: KeyObject): Buffer {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(x, 'base64url');
}

/** How checkpoints name a key: first 8 bytes of SHA-256 of the raw public key, hex. */
export function keyIdOf(raw: Uint8Array): string {
  return createHash('sha256').update(raw).digest('hex').slice(0, 16);
}

/** Whether `signatureBase64` is the key's signature of the UTF-8 text. Never throws. */
export function isSignedBy(key: KeyObject, text: string, signatureBase64: string): boolean {
  return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signatureBase64, 'base64'));
}

/** Whether a text bears somebody's signature. */
export type IsSigned = (text: string, signatureBase64: string) => boolean;

/** @throws Fault CONFIG_INVALID as `readPublicKey`. */
export function signedBy(publicKeyBase64: string): IsSigned {
  const key = readPublicKey(publicKeyBase64);
  return (text, signatureBase64) => isSignedBy(key, text, signatureBase64);
}
