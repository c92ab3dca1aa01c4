import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { Fault } from '#contracts/fault.ts';
import { keyIdOf } from './wire-crypto.ts';

/** The hub's Ed25519 key: every receipt is signed with it. */
export interface HubKey {
  /** Base64 of the raw 32 bytes, as gateways configure it. */
  readonly publicKey: string;
  readonly keyId: string;
  /** Ed25519 signature of UTF-8 text, base64. */
  sign(text: string): string;
}

/** @throws Fault IDENTITY_MISSING when the key is of another kind. */
export function hubKeyOf(privateKey: KeyObject): HubKey {
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519') {
    throw new Fault('IDENTITY_MISSING', "the hub's signing key is no Ed25519 private key");
  }
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const raw = Buffer.from(x, 'base64url');
  return {
    publicKey: raw.toString('base64'),
    keyId: keyIdOf(raw),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64'),
  };
}
