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
    .where('nkey_public', '=', nkey)
    .where('gateway', '!=', gateway)
    .executeTakeFirst();
  return holder === undefined
    ? succeed(nkey)
    : refuse('CONFLICT', `gateway ${holder.gateway} logs in with this nkey already`);
}

function isUserNkey(text: string): boolean {
  if (!/^U[A-Z2-7]{55}$/.test(text)) return false;
  try {
    fromPublic(text);
    return true;
  } catch {
    return false;
  }
}
