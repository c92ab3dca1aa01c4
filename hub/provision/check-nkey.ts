import { fromPublic } from '@nats-io/nkeys';
import type { Kysely } from 'kysely';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Database } from '../store/schema.ts';

/**
 * Whether a gateway may log in with this public nkey: it is one (prefix, alphabet, CRC-16), and no
 * other gateway has it, because nats-server tells logins apart by nothing else.
 *
 * @returns BAD_INPUT or CONFLICT.
 */
export async function checkNkey(
  read: Kysely<Database>,
  nkey: string,
  gateway: string,
): Promise<Result<string>> {
  if (!isUserNkey(nkey)) {
    return refuse('BAD_INPUT', `"${nkey}" is no public nkey of a user (U…)`);
  }
  const holder = await read
    .selectFrom('gateway')
    .select('gateway')
    .where((of) => of.or([of('nkey_public', '=', nkey), of('nkey_next', '=', nkey)]))
    .where('gateway', '!=', gateway)
    .executeTakeFirst();
  return holder === undefined
    ? succeed(nkey)
    : refuse('CONFLICT', `gateway ${holder.gateway} logs in with this nkey already`);
}

/** Whether it is a user's public nkey: prefix, alphabet, CRC-16. */
export function isUserNkey(text: string): boolean {
  if (!/^U[A-Z2-7]{55}$/.test(text)) return false;
  try {
    fromPublic(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether the private half of a user's nkey signed the UTF-8 text. Never throws. */
export function isSignedByNkey(nkey: string, text: string, signatureBase64: string): boolean {
  if (!isUserNkey(nkey)) return false;
  try {
    return fromPublic(nkey).verify(Buffer.from(text), Buffer.from(signatureBase64, 'base64'));
  } catch {
    return false;
  }
}
