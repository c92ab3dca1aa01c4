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
  readonly #readSeed: () => Uint8Array;
  #signingKey: KeyObject;
  #rawSigningKey: Buffer;
  /** The NATS user (`U…`). */
  readonly publicNkey: string;

  /** @param readSeed the login as it is now: it may be rotated while the gateway runs. */
  constructor(readSeed: () => Uint8Array, login: KeyPair, signingKey: KeyObject) {
    this.#readSeed = readSeed;
    this.#signingKey = signingKey;
    this.#rawSigningKey = rawPublicKey(signingKey);
    this.publicNkey = login.getPublicKey();
  }

  /** Base64 of the raw 32 bytes. */
  get signingPublicKey(): string {
    return this.#rawSigningKey.toString('base64');
  }

  /** First 8 bytes of SHA-256 of the raw public key, hex. */
  get keyId(): string {
    return keyIdOf(this.#rawSigningKey);
  }

  /** The key was rotated, and lies in the place of the one before. */
  signFromNowWith(signingKey: KeyObject): void {
    this.#signingKey = signingKey;
    this.#rawSigningKey = rawPublicKey(signingKey);
  }

  /** Ed25519 signature of the UTF-8 text, base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text, 'utf8'), this.#signingKey).toString('base64');
  }

  /** As `sign`, by the login key: proves to the hub that it is held. */
  signAsLogin(text: string): string {
    return signByNkey(this.#readSeed(), text);
  }

  /** Answers the NATS server's challenge, each time with the login that the file holds then. */
  authenticator(): Authenticator {
    return nkeyAuthenticator(this.#readSeed);
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
  const files = identityFilesIn(dir);
  for (const path of [files.loginSeedFile, files.signingKeyFile]) {
    if (existsSync(path)) {
      throw new Fault('CONFLICT', `${path} exists already and is kept`, {
        details: { path, remedy: 'move the old identity away first, or use it' },
      });
    }
  }
  return keepOrCreateIdentity(dir);
}

/** As `createIdentity`, keeping what is there: an interrupted run is finished by another one. */
export function keepOrCreateIdentity(dir: string): { identity: Identity; files: IdentityFiles } {
  const files = identityFilesIn(dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (!existsSync(files.loginSeedFile)) writeLoginSeed(files.loginSeedFile);
  if (!existsSync(files.signingKeyFile)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    writeSecretFile(files.signingKeyFile, pem);
  }
  return { identity: loadIdentity(files), files };
}

function identityFilesIn(dir: string): IdentityFiles {
  return { loginSeedFile: join(dir, 'login.seed'), signingKeyFile: join(dir, 'signing.pem') };
}

/** Makes a login and writes its seed, 0600. @throws Fault CONFLICT when there is a file. */
export function writeLoginSeed(file: string): void {
  writeSecretFile(file, `${new TextDecoder().decode(createUser().getSeed())}\n`);
}

/**
 * Reads an identity.
 *
 * @throws Fault IDENTITY_MISSING when a file is absent, open to others, or not what it should be.
 */
export function loadIdentity(files: IdentityFiles): Identity {
  const seed = readLoginSeed(files.loginSeedFile);
  const login = fromSeed(seed);
  const pem = readSecretFile(files.signingKeyFile, 'the signing key');
  const signingKey = readAs(files.signingKeyFile, 'an Ed25519 private key in PEM', () => {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  });
  return new Identity(rereading(files.loginSeedFile, seed), login, signingKey);
}

/** A running gateway goes on with the login it has when the file cannot be read any more. */
function rereading(file: string, first: Uint8Array): () => Uint8Array {
  let last = first;
  return () => {
    try {
      last = readLoginSeed(file);
    } catch {
      // The next start says what is wrong with it.
    }
    return last;
  };
}

/** @throws Fault IDENTITY_MISSING */
export function readLoginSeed(file: string): Uint8Array {
  const seed = new TextEncoder().encode(readSecretFile(file, 'the NATS login seed').trim());
  return readAs(file, 'a NATS user seed', () =>
    fromSeed(seed).getPublicKey().startsWith('U') ? seed : undefined,
  );
}

/** Ed25519 signature of the UTF-8 text by an nkey's private half, base64. */
export function signByNkey(seed: Uint8Array, text: string): string {
  return Buffer.from(fromSeed(seed).sign(Buffer.from(text))).toString('base64');
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
