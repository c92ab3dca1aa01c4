import {
  loginAnswerText,
  loginText,
  type LoginAnswer,
  type LoginStatement,
  type SignedLoginAnswer,
} from '#contracts/enrolment.ts';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import { parseVerifyKey, sha256Hex } from '../intake/wire-crypto.ts';
import { checkNkey, isSignedByNkey } from '../provision/check-nkey.ts';
import type { WriteTransaction } from '../store/store.ts';
import type { EnrolParts } from './enrolment.ts';

/**
 * Takes a gateway's word on its own logins. The one it speaks with must be valid now, so an old
 * statement that somebody kept changes nothing once that login was withdrawn.
 *
 * @returns NOT_FOUND, NOT_ALLOWED, SIGNATURE_INVALID, CONFLICT or BAD_INPUT.
 */
export async function changeLogin(
  parts: EnrolParts,
  statement: LoginStatement,
): Promise<Result<SignedLoginAnswer>> {
  const { gateway, login, next } = statement;
  const taken = await parts.store.write((tx) => takeStatement(tx, parts.tenant, statement));
  if (!taken.ok) {
    parts.log.warn({ gateway, code: taken.refusal.code }, 'login.refused');
    return taken;
  }
  const { next: pending } = await parts.grant();
  parts.log.info({ gateway, login, next }, 'login.changed');
  const { signatures: _, ...words } = statement;
  const answer: LoginAnswer = {
    gateway,
    login,
    next,
    ...(pending !== null && { pending }),
    request: sha256Hex(loginText(words)),
    v: 1,
  };
  return succeed({ answer, signature: parts.key.sign(loginAnswerText(answer)) });
}

async function takeStatement(
  { db }: WriteTransaction,
  tenant: string,
  statement: LoginStatement,
): Promise<Result<LoginStatement>> {
  const { signatures, ...words } = statement;
  const { gateway, site, login, next } = words;
  const known = await db
    .selectFrom('gateway')
    .selectAll()
    .where('gateway', '=', gateway)
    .where('site', '=', site)
    .executeTakeFirst();
  if (known === undefined || words.tenant !== tenant) {
    return refuse('NOT_FOUND', `this hub knows no gateway ${site}/${gateway}`);
  }
  const text = loginText(words);
  const key = parseVerifyKey(known.signing_key);
  if (!key.ok || !key.value.verify(text, signatures.signing)) {
    return refuse('SIGNATURE_INVALID', 'the statement is not signed by the registered signing key');
  }
  if (!isSignedByNkey(login, text, signatures.login)) {
    return refuse('SIGNATURE_INVALID', 'the statement is not signed by the login that it names');
  }
  if (known.revoked_at !== null) {
    return refuse('NOT_ALLOWED', `gateway ${gateway} was revoked: it takes a new token`);
  }
  if (login !== known.nkey_public && login !== known.nkey_next) {
    return refuse('NOT_ALLOWED', 'the login that the statement is made with is not a valid one');
  }
  if (next !== null) {
    if (!isSignedByNkey(next, text, signatures.next ?? '')) {
      return refuse('SIGNATURE_INVALID', 'the statement is not signed by the next login');
    }
    const free = await checkNkey(db, next, gateway);
    if (!free.ok) return free;
  }
  await db
    .updateTable('gateway')
    .set({ nkey_public: login, nkey_next: next })
    .where('gateway', '=', gateway)
    .execute();
  return succeed(statement);
}
