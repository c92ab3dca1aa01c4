import { createPrivateKey, sign } from 'node:crypto';
import { encodeCanonical } from '#contracts/canonical.ts';
import { checkpointText, type EpochIdentity } from '#contracts/chain.ts';
import { Fault } from '#contracts/fault.ts';
import { keyIdOf, rawPublicKey } from '../identity/public-key.ts';
import { readSecretFile } from '../identity/secret-file.ts';
import { checkpointOf } from '../uplink/batch-message.ts';

/** What proves an export: the exact text after the first line of what is signed, and by whom. */
export interface SignedEnd {
  readonly checkpoint: string;
  readonly signature: string;
  /** Base64 of the raw 32 bytes. */
  readonly publicKey: string;
}

/**
 * Signs the last event of an export with the gateway's own key (PEM, as in `hub.signingKeyFile`). Its
 * `atMs` is the event's time of receipt: the same export is signed alike whenever it is made.
 *
 * @throws Fault as `readSecretFile`; IDENTITY_MISSING where the file holds no Ed25519 key.
 */
export function signerOf(
  path: string,
): (
  event: { readonly seq: number; readonly hash: string; readonly header: string },
  epochIdentity: string,
) => SignedEnd {
  const key = readKey(path);
  const raw = rawPublicKey(key);
  return ({ seq, hash, header }, epochIdentity) => {
    const epoch = JSON.parse(epochIdentity) as EpochIdentity;
    const { receivedAt } = JSON.parse(header) as { readonly receivedAt: number };
    const checkpoint = checkpointOf({ epoch, seq, hash }, keyIdOf(raw), receivedAt);
    return {
      checkpoint: encodeCanonical(checkpoint),
      signature: sign(null, Buffer.from(checkpointText(checkpoint)), key).toString('base64'),
      publicKey: raw.toString('base64'),
    };
  };
}

function readKey(path: string) {
  const pem = readSecretFile(path, 'the signing key');
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new Fault('IDENTITY_MISSING', `${path} holds no private key`, { cause });
  }
  throw new Fault('IDENTITY_MISSING', `${path} holds a key of another kind than Ed25519`);
}
