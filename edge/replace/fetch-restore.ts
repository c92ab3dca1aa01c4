import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiPaths } from '#contracts/api/routes-api.ts';
import type { EnrolmentToken } from '#contracts/enrolment.ts';
import { Fault } from '#contracts/fault.ts';
import {
  restoreAnswerText,
  restoreRequestText,
  signedRestoreAnswer,
  type RestoreAnswer,
  type RestoreManifest,
} from '#contracts/replacement.ts';
import { sha256 } from '../enrol/ask-to-enrol.ts';
import { postToHub } from '../enrol/hub-client.ts';
import type { Identity } from '../identity/identity.ts';
import { verifySignature } from '../identity/verify-signature.ts';

/** What the hub gives, whole and proved; `content` is compressed. */
export interface FetchedRestore {
  readonly manifest: RestoreManifest;
  readonly content: Uint8Array;
}

const askAgainMs = 1_000;
/** A journal of many millions of events takes its time to read. */
const mostWaits = 1_800;

/**
 * Fetches what the box before this one had.
 *
 * @returns undefined where that one never delivered anything.
 * @throws Fault CONFLICT, NOT_ALLOWED, UNAVAILABLE, LINK_DOWN, SIGNATURE_INVALID or HUB_UNTRUSTED.
 */
export async function fetchRestore(
  token: EnrolmentToken,
  identity: Identity,
  say: (words: string) => void,
): Promise<FetchedRestore | undefined> {
  const first = await firstAnswer(token, identity, say);
  if (first === undefined) return undefined;
  const { manifest } = first;
  const chunks = [Buffer.from(first.chunk, 'base64')];
  let bytes = chunks[0]?.length ?? 0;
  while (bytes < manifest.content.bytes) {
    const next = await ask(token, identity, bytes);
    if (next.type !== 'chunk' || next.manifest.content.hash !== manifest.content.hash) {
      throw new Fault('UNAVAILABLE', 'the hub has begun the restore anew: run the same again');
    }
    const chunk = Buffer.from(next.chunk, 'base64');
    if (chunk.length === 0) break;
    chunks.push(chunk);
    bytes += chunk.length;
  }
  const content = Buffer.concat(chunks);
  if (hash('sha256', content) !== manifest.content.hash) {
    throw new Fault('SIGNATURE_INVALID', 'the book is not what the hub signed: run the same again');
  }
  return { manifest, content };
}

async function firstAnswer(
  token: EnrolmentToken,
  identity: Identity,
  say: (words: string) => void,
): Promise<Extract<RestoreAnswer, { type: 'chunk' }> | undefined> {
  for (let waits = 0; waits < mostWaits; waits += 1) {
    const answer = await ask(token, identity, 0);
    if (answer.type === 'nothing') return undefined;
    if (answer.type === 'chunk') return answer;
    if (waits === 0) say('The hub is putting the book together.');
    await sleep(askAgainMs);
  }
  throw new Fault('UNAVAILABLE', 'the hub is not done yet: run the same again later');
}

async function ask(
  { gateway, site, tenant, hubKey, hubUrls, ca }: EnrolmentToken,
  identity: Identity,
  offset: number,
): Promise<RestoreAnswer> {
  const words = { form: 2 as const, gateway, offset, site, tenant, v: 1 as const };
  const text = restoreRequestText(words);
  const body = { ...words, signature: identity.sign(text) };
  const of = { urls: hubUrls, ca };
  const { answer, signature } = await postToHub(of, apiPaths.restore, body, signedRestoreAnswer);
  const isHubs = verifySignature(hubKey, restoreAnswerText(answer), signature);
  if (isHubs && answer.request === sha256(text)) return answer;
  throw new Fault('HUB_UNTRUSTED', 'another hub answers at the address that the token names');
}
