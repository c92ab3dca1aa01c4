import {
  enrolmentAnswerText,
  enrolmentText,
  type EnrolmentAnswer,
  type EnrolmentRequest,
  type SignedEnrolmentAnswer,
} from '#contracts/enrolment.ts';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import { registerIn } from '../intake/register-gateway.ts';
import { parseVerifyKey, sha256Hex } from '../intake/wire-crypto.ts';
import { checkNkey, isSignedByNkey } from '../provision/check-nkey.ts';
import type { WriteTransaction } from '../store/store.ts';
import type { EnrolmentTokenTable } from './enrol-tables.ts';
import type { EnrolParts } from './enrolment.ts';
import { tokenState, withTokens } from './enrolment-tokens.ts';

/**
 * Lets the box in that holds the token and all keys it names. Token and registration change in one
 * transaction; rights at NATS follow and are written again on a repetition, so that an interrupted
 * enrolment is finished by asking once more with the same keys.
 *
 * @returns TOKEN_UNKNOWN, TOKEN_USED, TOKEN_EXPIRED, TOKEN_REVOKED, SIGNATURE_INVALID, CONFLICT or
 * BAD_INPUT.
 */
export async function enrolGateway(
  parts: EnrolParts,
  request: EnrolmentRequest,
): Promise<Result<SignedEnrolmentAnswer>> {
  const { store, log } = parts;
  const { gateway, site, token } = request;
  const taken = await store.write((tx) => useToken(tx, parts, request));
  if (!taken.ok) {
    log.warn({ token, gateway, site, code: taken.refusal.code }, 'enrol.refused');
    return taken;
  }
  await parts.registered();
  const { next } = await parts.grant();
  log.info({ token, gateway, site, nkey: request.nkey, ...taken.value }, 'enrol.enrolled');
  return succeed(answerTo(parts, request, next, await parts.ca?.()));
}

function answerTo(
  { key, natsServers }: EnrolParts,
  request: EnrolmentRequest,
  pending: string | null,
  ca: string | undefined,
): SignedEnrolmentAnswer {
  const { signatures: _, ...words } = request;
  const answer: EnrolmentAnswer = {
    ...(ca !== undefined && { ca }),
    gateway: request.gateway,
    natsServers: [...natsServers],
    ...(pending !== null && { pending }),
    request: sha256Hex(enrolmentText(words)),
    site: request.site,
    tenant: request.tenant,
    v: 1,
  };
  return { answer, signature: key.sign(enrolmentAnswerText(answer)) };
}

type Used = { readonly purpose: 'enrol' | 'replace'; readonly again: boolean };

async function useToken(
  tx: WriteTransaction,
  { clock, tenant }: EnrolParts,
  request: EnrolmentRequest,
): Promise<Result<Used>> {
  const db = withTokens(tx.db);
  const { gateway, site, nkey, signingKey } = request;
  const token = await db
    .selectFrom('enrolment_token')
    .selectAll()
    .where('id', '=', request.token)
    .executeTakeFirst();
  if (token === undefined || request.tenant !== tenant) {
    return refuse('TOKEN_UNKNOWN', 'this hub made no such token: is it the hub that it names?');
  }
  const unproved = unprovedBy(request, token);
  if (unproved !== undefined) return refuse('SIGNATURE_INVALID', unproved);
  const known = await db
    .selectFrom('gateway')
    .select('signing_key')
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  const again =
    token.used_nkey === nkey &&
    token.used_signing_key === signingKey &&
    known?.signing_key === signingKey;
  const useless = uselessBecause(token, again, clock.nowMs());
  if (useless !== undefined) return useless;
  const { purpose } = token;
  if (again) return succeed({ purpose, again });
  const free = await checkNkey(db, nkey, gateway);
  if (!free.ok) return free;
  const of = { site, gateway, signingKey, nkeyPublic: nkey };
  const naming = purpose === 'replace' ? 'replace' : 'new';
  const registered = await registerIn(tx, clock, of, naming);
  if (!registered.ok) return registered;
  await db
    .updateTable('enrolment_token')
    .set({ used_at: clock.nowMs(), used_nkey: nkey, used_signing_key: signingKey })
    .where('id', '=', token.id)
    .execute();
  return succeed({ purpose, again });
}

/** All three keys must have signed, and the token must be one for this name. */
function unprovedBy(request: EnrolmentRequest, token: EnrolmentTokenTable): string | undefined {
  const { signatures, ...words } = request;
  const text = enrolmentText(words);
  if (!isSignedByNkey(token.public_key, text, signatures.token)) {
    return 'the request is not signed by the token';
  }
  if (token.gateway !== request.gateway || token.site !== request.site) {
    return `the token is one for ${token.site}/${token.gateway}`;
  }
  if (!isSignedByNkey(request.nkey, text, signatures.login)) {
    return 'the request is not signed by the login that it names';
  }
  const signingKey = parseVerifyKey(request.signingKey);
  if (!signingKey.ok || !signingKey.value.verify(text, signatures.signing)) {
    return 'the request is not signed by the signing key that it names';
  }
  return undefined;
}

/** Who used it may hear the answer again, as long as it was not revoked. */
function uselessBecause(token: EnrolmentTokenTable, again: boolean, nowMs: number) {
  const at = (ms: number | null) => new Date(ms ?? 0).toISOString();
  switch (tokenState(token, nowMs)) {
    case 'revoked':
      return refuse('TOKEN_REVOKED', 'the token was revoked: ask for another one');
    case 'used':
      if (again) return undefined;
      return refuse('TOKEN_USED', `the token let another box in at ${at(token.used_at)}`);
    case 'expired':
      return refuse('TOKEN_EXPIRED', `the token expired at ${at(token.expires_at)}`);
    case 'open':
      return undefined;
  }
}
