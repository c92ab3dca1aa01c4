import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createUser, fromSeed } from '@nats-io/nkeys';
import { Fault } from '#contracts/fault.ts';
import type { RandomBytes } from '../access/random-bytes.ts';
import { hubKeyOf, type HubKey } from '../intake/hub-key.ts';
import { keepOrWriteSecret, readSecret } from './secret-file.ts';

/** What the hub must have to be this hub. */
export interface HubSecrets {
  /** Signs receipts. */
  readonly key: HubKey;
  /** Logs in to NATS: the seed, `SU…`, and the public nkey, `U…`. */
  readonly loginSeed: string;
  readonly loginPublic: string;
  /** Bearer token of `/metrics`. */
  readonly metricsToken: string;
}

const signingFile = 'hub-signing.pem';
const loginFile = 'hub-login.seed';
const metricsFile = 'metrics.token';

/** @throws Fault IDENTITY_MISSING. */
export async function loadHubSecrets(folder: string): Promise<HubSecrets> {
  const signingKey = privateKeyOf(await readSecret(join(folder, signingFile)));
  const loginSeed = await readSecret(join(folder, loginFile));
  return {
    key: hubKeyOf(signingKey),
    loginSeed,
    loginPublic: publicNkey(loginSeed),
    metricsToken: await readSecret(join(folder, metricsFile)),
  };
}

/** Makes what is missing and keeps what is there. */
export async function createHubSecrets(folder: string, random: RandomBytes): Promise<HubSecrets> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await keepOrWriteSecret(join(folder, signingFile), newSigningKey);
  await keepOrWriteSecret(join(folder, loginFile), () =>
    new TextDecoder().decode(createUser().getSeed()),
  );
  await keepOrWriteSecret(join(folder, metricsFile), () =>
    Buffer.from(random(32)).toString('base64url'),
  );
  return loadHubSecrets(folder);
}

function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
}

function privateKeyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Fault('IDENTITY_MISSING', `${signingFile} holds no private key`, { cause });
  }
}

function publicNkey(seed: string): string {
  try {
    return fromSeed(new TextEncoder().encode(seed)).getPublicKey();
  } catch (cause) {
    throw new Fault('IDENTITY_MISSING', `${loginFile} holds no nkey seed`, { cause });
  }
}
