import { createHash } from 'node:crypto';
import { createUser } from '@nats-io/nkeys';
import type { Kysely, Transaction } from 'kysely';
import { encodeCanonical } from '#contracts/canonical.ts';
import { tokenPrefix, type EnrolmentToken } from '#contracts/enrolment.ts';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import { parseGatewayId, parseSiteId } from '#contracts/ids.ts';
import type { Clock } from '#contracts/time.ts';
import type { Database } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { EnrolmentTokenTable, EnrolTables } from './enrol-tables.ts';

/** What a token tells the new box, besides its own key. */
export type TokenWords = Omit<EnrolmentToken, 'seed' | 'expiresAt' | 'v'>;

type EnrolDatabase = Database & EnrolTables;

/** The store with the tables of this folder. */
export function withTokens(db: Kysely<Database>): Kysely<EnrolDatabase>;
export function withTokens(db: Transaction<Database>): Transaction<EnrolDatabase>;
export function withTokens(db: Kysely<Database>): Kysely<EnrolDatabase> {
  return db.withTables<EnrolTables>();
}

/**
 * Makes a token that lets one box in, once. Its text is returned and nowhere kept.
 *
 * @returns CONFLICT where the name is taken and the token is not for a replacement, or the other way
 * round.
 */
export async function makeToken(
  store: Store,
  clock: Clock,
  words: TokenWords,
  validForMs: number,
): Promise<Result<{ id: string; token: string; expiresAt: number }>> {
  const { purpose } = words;
  const [site, gateway] = [parseSiteId(words.site), parseGatewayId(words.gateway)];
  const key = createUser();
  const publicKey = key.getPublicKey();
  const createdAt = clock.nowMs();
  const expiresAt = createdAt + validForMs;
  const seed = new TextDecoder().decode(key.getSeed());
  const row: EnrolmentTokenTable = {
    id: tokenIdOf(publicKey),
    public_key: publicKey,
    purpose,
    site,
    gateway,
    created_at: createdAt,
    expires_at: expiresAt,
    used_at: null,
    used_nkey: null,
    used_signing_key: null,
    revoked_at: null,
  };
  return await store.write(async ({ db }) => {
    const known = await db
      .selectFrom('gateway')
      .select('site')
      .where('gateway', '=', gateway)
      .executeTakeFirst();
    const conflict = conflictOf(purpose, site, gateway, known?.site);
    if (conflict !== undefined) return refuse('CONFLICT', conflict);
    await withTokens(db).insertInto('enrolment_token').values(row).execute();
    const text = encodeCanonical({ ...words, seed, expiresAt, v: 1 });
    const token = `${tokenPrefix}${Buffer.from(text).toString('base64url')}`;
    return succeed({ id: row.id, token, expiresAt });
  });
}

function conflictOf(
  purpose: EnrolmentToken['purpose'],
  site: string,
  gateway: string,
  knownSite: string | undefined,
): string | undefined {
  if (knownSite === undefined) {
    return purpose === 'enrol' ? undefined : `no gateway ${gateway} is there to be replaced`;
  }
  if (knownSite !== site) return `gateway ${gateway} is registered at another site, ${knownSite}`;
  if (purpose === 'replace') return undefined;
  return `gateway ${gateway} is registered already; --replace makes a token for a box in its place`;
}

/** Tokens in the order in which they were made, without anything secret. */
export async function listTokens(store: Store): Promise<EnrolmentTokenTable[]> {
  return await withTokens(store.read)
    .selectFrom('enrolment_token')
    .selectAll()
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/**
 * Makes a token useless, also one that was used already: its holder is not answered again.
 *
 * @returns NOT_FOUND.
 */
export async function revokeToken(store: Store, clock: Clock, id: string): Promise<Result<string>> {
  return await store.write(async ({ db }) => {
    const { numUpdatedRows } = await withTokens(db)
      .updateTable('enrolment_token')
      .set({ revoked_at: clock.nowMs() })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return succeed(id);
    return refuse('NOT_FOUND', `there is no token ${id} that could still be revoked`);
  });
}

export function tokenIdOf(publicNkey: string): string {
  return createHash('sha256').update(publicNkey).digest('hex').slice(0, 16);
}

/** What a token is good for now. */
export function tokenState(
  token: EnrolmentTokenTable,
  nowMs: number,
): 'open' | 'used' | 'expired' | 'revoked' {
  if (token.revoked_at !== null) return 'revoked';
  if (token.used_at !== null) return 'used';
  return nowMs >= token.expires_at ? 'expired' : 'open';
}
