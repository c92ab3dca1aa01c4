import { existsSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromSeed } from '@nats-io/nkeys';
import { nkeyAuthenticator } from '@nats-io/transport-node';
import { apiPaths } from '#contracts/api/routes-api.ts';
import {
  loginAnswerText,
  loginText,
  signedLoginAnswer,
  type LoginAnswer,
} from '#contracts/enrolment.ts';
import { Fault } from '#contracts/fault.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { addressOf } from '../identity/gateway-address.ts';
import {
  loadIdentity,
  readLoginSeed,
  signByNkey,
  writeLoginSeed,
  type Identity,
} from '../identity/identity.ts';
import { syncFolderOf } from '../identity/secret-file.ts';
import { verifySignature } from '../identity/verify-signature.ts';
import { dialHub, failureReason } from '../uplink/hub-connection.ts';
import { sha256 } from './ask-to-enrol.ts';
import { postToHub, type HubApiAddress } from './hub-client.ts';

/** nats-server takes a reload within a second; a hub that is loaded takes its time. */
const tries = 40;
const betweenTriesMs = 250;

interface Rotated {
  readonly former: string;
  readonly publicNkey: string;
  readonly pending?: string | undefined;
}

/**
 * Changes the login of a gateway, also of one that runs: it dials with whatever the file holds.
 * The former one stays valid until the new one has connected, so that whatever step was the last
 * one before a power cut, the gateway gets in, and the same call finishes the work.
 *
 * @throws Fault LINK_DOWN while the hub is away: nothing has changed then.
 */
export async function rotateLogin(
  { gateway, hub }: Pick<GatewayConfig, 'gateway' | 'hub'>,
  api: HubApiAddress,
): Promise<Rotated> {
  const { tenant, site, id } = gateway;
  const say = async (login: Uint8Array, next: Uint8Array | null): Promise<LoginAnswer> =>
    await saySigned({ tenant, site, gateway: id }, loadIdentity(hub), hub.publicKey, api, {
      login,
      next,
    });
  const current = readLoginSeed(hub.loginSeedFile);
  const nextFile = `${hub.loginSeedFile}.next`;
  if (!existsSync(nextFile)) writeLoginSeed(nextFile);
  const next = readLoginSeed(nextFile);
  const { pending } = await say(current, next);
  if (pending !== undefined) {
    const words = `the hub takes the new login once somebody did there: ${pending}; then run this again`;
    throw new Fault('UNAVAILABLE', words);
  }
  await connectBy(next, gateway, hub);
  renameSync(nextFile, hub.loginSeedFile);
  syncFolderOf(hub.loginSeedFile);
  const done = await say(next, null);
  return { former: publicOf(current), publicNkey: publicOf(next), pending: done.pending };
}

interface Logins {
  readonly login: Uint8Array;
  readonly next: Uint8Array | null;
}

async function saySigned(
  address: { readonly tenant: string; readonly site: string; readonly gateway: string },
  identity: Identity,
  hubKey: string,
  api: HubApiAddress,
  { login, next }: Logins,
): Promise<LoginAnswer> {
  const words = {
    ...address,
    login: publicOf(login),
    next: next === null ? null : publicOf(next),
    v: 1 as const,
  };
  const text = loginText(words);
  const signatures = {
    login: signByNkey(login, text),
    signing: identity.sign(text),
    ...(next !== null && { next: signByNkey(next, text) }),
  };
  const body = { ...words, signatures };
  const { answer, signature } = await postToHub(api, apiPaths.login, body, signedLoginAnswer);
  const isHubs = verifySignature(hubKey, loginAnswerText(answer), signature);
  if (isHubs && answer.request === sha256(text)) return answer;
  throw new Fault('HUB_UNTRUSTED', 'another hub answers at the address that the config names');
}

/** @throws Fault LOGIN_REFUSED when NATS does not take the login; both stay valid then. */
async function connectBy(
  seed: Uint8Array,
  gateway: GatewayConfig['gateway'],
  hub: GatewayConfig['hub'],
): Promise<void> {
  const login = nkeyAuthenticator(seed);
  const silent = { receipt: () => undefined, refused: () => undefined };
  for (let left = tries; ; left -= 1) {
    try {
      const connection = await dialHub(hub.servers, login, addressOf(gateway), silent, hub.tls);
      await connection.close();
      return;
    } catch (cause) {
      if (left <= 1) {
        const reason = failureReason(cause, 'hello');
        const words = `the new login does not connect (${reason}); the former one stays in use`;
        throw new Fault('LOGIN_REFUSED', words, { cause });
      }
    }
    await sleep(betweenTriesMs);
  }
}

function publicOf(seed: Uint8Array): string {
  return fromSeed(seed).getPublicKey();
}
