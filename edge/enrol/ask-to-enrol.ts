import { createHash } from 'node:crypto';
import { fromSeed } from '@nats-io/nkeys';
import { apiPaths } from '#contracts/api/routes-api.ts';
import {
  enrolmentAnswerText,
  enrolmentText,
  signedEnrolmentAnswer,
  type EnrolmentAnswer,
  type EnrolmentToken,
} from '#contracts/enrolment.ts';
import { Fault } from '#contracts/fault.ts';
import { signByNkey, type Identity } from '../identity/identity.ts';
import { verifySignature } from '../identity/verify-signature.ts';
import { postToHub } from './hub-client.ts';

/**
 * Asks the hub that the token names to let these keys in. Asked again with the same keys, it
 * answers alike.
 *
 * @throws Fault TOKEN_UNKNOWN, TOKEN_USED, TOKEN_EXPIRED, TOKEN_REVOKED, CONFLICT, LINK_DOWN or
 * HUB_UNTRUSTED.
 */
export async function askToEnrol(
  token: EnrolmentToken,
  identity: Identity,
): Promise<EnrolmentAnswer> {
  const { gateway, site, tenant, hubKey, hubUrls, ca } = token;
  const seed = new TextEncoder().encode(token.seed);
  const publicNkey = fromSeed(seed).getPublicKey();
  const words = {
    gateway,
    nkey: identity.publicNkey,
    signingKey: identity.signingPublicKey,
    site,
    tenant,
    token: sha256(publicNkey).slice(0, 16),
    v: 1 as const,
  };
  const text = enrolmentText(words);
  const signatures = {
    login: identity.signAsLogin(text),
    signing: identity.sign(text),
    token: signByNkey(seed, text),
  };
  const body = { ...words, signatures };
  const of = { urls: hubUrls, ca };
  const { answer, signature } = await postToHub(of, apiPaths.enrol, body, signedEnrolmentAnswer);
  if (!verifySignature(hubKey, enrolmentAnswerText(answer), signature)) {
    throw new Fault('HUB_UNTRUSTED', 'another hub answers at the address that the token names');
  }
  if (answer.request !== sha256(text)) {
    throw new Fault('HUB_UNTRUSTED', 'the answer is one to another request');
  }
  return answer;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
