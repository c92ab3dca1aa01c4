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

/** @throws Fault IDENTITY_MISSING, naming all that is wrong. */
export async function loadHubSecrets(folder: string): Promise<HubSecrets> {
  const { secrets, faults } = await readHubSecrets(folder);
  if (secrets !== undefined) return secrets;
  const said = faults.map(({ message, remedy }) => `${message}: ${remedy}`);
  throw new Fault('IDENTITY_MISSING', said.join('\n'), { cause: faults[0]?.cause });
}

/** One thing that is wrong with one of the files, which the message names. */
export interface SecretFault {
  readonly message: string;
  readonly remedy: string;
  readonly cause: unknown;
}

/** Everything that the hub must have, or everything that is wrong with it. */
export async function readHubSecrets(folder: string): Promise<{
  readonly secrets: HubSecrets | undefined;
  readonly faults: readonly SecretFault[];
}> {
  const faults: SecretFault[] = [];
  const read = async <T>(name: string, use: (text: string) => T): Promise<T | undefined> => {
    const file = join(folder, name);
    try {
      return use(await readSecret(file));
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'IDENTITY_MISSING') throw error;
      const known = error.details['remedy'];
      const remedy = typeof known === 'string' ? known : fromBackup;
      faults.push({ message: error.message, remedy, cause: error.cause });
      return undefined;
    }
  };
  const key = await read(signingFile, (pem) => hubKeyOf(privateKeyOf(pem)));
  const login = await read(loginFile, (seed) => ({ seed, nkey: publicNkey(seed) }));
  const metricsToken = await read(metricsFile, (token) => token);
  if (key === undefined || login === undefined || metricsToken === undefined) {
    return { secrets: undefined, faults };
  }
  const { seed: loginSeed, nkey: loginPublic } = login;
  return { secrets: { key, loginSeed, loginPublic, metricsToken }, faults };
}

/** Another key would be another hub: gateways would believe it nothing. */
const fromBackup = 'Put back the file that this hub began with.';

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
