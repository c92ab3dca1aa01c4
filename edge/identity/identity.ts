import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createUser, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { nkeyAuthenticator, type Authenticator } from '@nats-io/transport-node';
import { Fault } from '#contracts/fault.ts';
import { keyIdOf, rawPublicKey } from './public-key.ts';
import { readSecretFile, writeSecretFile } from './secret-file.ts';

/** Where the two secrets lie. Login and signing are apart, so that either can be replaced alone. */
export interface IdentityFiles {
  /** A NATS user seed (`SU…`), mode 0600. */
  readonly loginSeedFile: string;
  /** An Ed25519 private key, PEM PKCS#8, mode 0600. */
  readonly signingKeyFile: string;
}

/** What a gateway is known by: its NATS login and the key that signs its journal. */
export class Identity {
  readonly #seed: Uint8Array;
  readonly #signingKey: KeyObject;
  /** The NATS user (`U…`). */
  readonly publicNkey: string;
  /** Base64 of the raw 32 bytes. */
  readonly signingPublicKey: string;
  /** First 8 bytes of SHA-256 of the raw public key, hex. */
  readonly keyId: string;

  constructor(seed: Uint8Array, login: KeyPair, signingKey: KeyObject) {
    const raw = rawPublicKey(signingKey);
    this.#seed = seed;
    this.#signingKey = signingKey;
    this.publicNkey = login.getPublicKey();
    this.signingPublicKey = raw.toString('base64');
    this.keyId = keyIdOf(raw);
  }

  /** Ed25519 signature of the UTF-8 text, base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text, 'utf8'), this.#signingKey).toString('base64');
  }

  /** Answers the NATS server's challenge. */
  authenticator(): Authenticator {
    return nkeyAuthenticator(this.#seed);
  }

  toJSON(): Readonly<Record<string, string>> {
    const { publicNkey, signingPublicKey, keyId } = this;
    return { publicNkey, signingPublicKey, keyId, login: '[secret]', signing: '[secret]' };
  }

  [inspect.custom](): string {
    return `Identity ${inspect(this.toJSON())}`;
  }
}

/**
 * Makes a new identity: `login.seed` and `signing.pem` in `dir`, both 0600.
 *
 * @throws Fault CONFLICT when either is there already.
 */
export function createIdentity(dir: string): { identity: Identity; files: IdentityFiles } {
  const files = {
    loginSeedFile: join(dir, 'login.seed'),
    signingKeyFile: join(dir, 'signing.pem'),
  };
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  for (const path of Object.values(files)) {
    if (existsSync(path)) {
      throw new Fault('CONFLICT', `${path} exists already and is kept`, {
        details: { path, remedy: 'move the old identity away first, or use it' },
      });
    }
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = new TextDecoder().decode(createUser().getSeed());
  writeSecretFile(files.loginSeedFile, `${seed}\n`);
  writeSecretFile(
    files.signingKeyFile,
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  return { identity: loadIdentity(files), files };
}

/**
 * Reads an identity.
 *
 * @throws Fault IDENTITY_MISSING when a file is absent, open to others, or not what it should be.
 */
export function loadIdentity(files: IdentityFiles): Identity {
  const seed = new TextEncoder().encode(
    readSecretFile(files.loginSeedFile, 'the NATS login seed').trim(),
  );
  const login = readAs(files.loginSeedFile, 'a NATS user seed', () => {
    const pair = fromSeed(seed);
    return pair.getPublicKey().startsWith('U') ? pair : undefined;
  });
  const pem = readSecretFile(files.signingKeyFile, 'the signing key');
  const signingKey = readAs(files.signingKeyFile, 'an Ed25519 private key in PEM', () => {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  });
  return new Identity(seed, login, signingKey);
}

/** The parser's own message may quote what it read, so only the file is named. */
function readAs<T>(path: string, expected: string, parse: () => T | undefined): T {
  let value: T | undefined;
  try {
    value = parse();
  } catch {
    value = undefined;
  }
  if (value !== undefined) return value;
  throw new Fault('IDENTITY_MISSING', `${path} does not hold ${expected}`, {
    details: { path, expected, remedy: 'restore the file, or create and enrol a new identity' },
  });
}
