import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import { parseGatewayId, parseSiteId } from '#contracts/ids.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import { retireFormerKey } from './retire-former-key.ts';
import { parseVerifyKey } from './wire-crypto.ts';

export interface Registration {
  readonly site: string;
  readonly gateway: string;
  /** Ed25519 public key, base64 of the raw 32 bytes. */
  readonly signingKey: string;
  /** Public nkey that the gateway logs in to NATS with. */
  readonly nkeyPublic: string;
}

/** Whether a name that is known may get another key; its site never changes. */
type Naming = 'new' | 'replace';

/**
 * Lets a gateway in. Saying the same twice is fine; another site or key for a known name is refused,
 * because what is recorded under that name was proven with the key it has.
 *
 * @returns refusal BAD_INPUT or CONFLICT.
 */
export async function registerGateway(
  store: Store,
  clock: Clock,
  of: Registration,
): Promise<Result<Registration>> {
  return await store.write((tx) => registerIn(tx, clock, of, 'new'));
}

/**
 * As `registerGateway`, within a transaction. When it replaces, the key that the name had is kept
 * for what it proved.
 */
export async function registerIn(
  { db }: Pick<WriteTransaction, 'db'>,
  clock: Clock,
  of: Registration,
  naming: Naming,
): Promise<Result<Registration>> {
  const key = parseVerifyKey(of.signingKey);
  if (!key.ok) return key;
  parseSiteId(of.site);
  parseGatewayId(of.gateway);
  const { gateway, site, signingKey } = of;
  const known = await db
    .selectFrom('gateway')
    .selectAll()
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  if (known !== undefined && known.site !== site) {
    return refuse('CONFLICT', `gateway ${gateway} is registered at another site, ${known.site}`);
  }
  if (known !== undefined && known.signing_key !== signingKey) {
    if (naming === 'new') {
      return refuse('CONFLICT', `gateway ${gateway} is registered with another site or key`);
    }
    await keepFormerKey(db, gateway, known.signing_key, clock.nowMs());
    // Nothing of the box before counts any more, whichever key it has.
    await retireFormerKey({ db }, gateway, clock.nowMs());
  }
  const row = {
    gateway,
    site,
    signing_key: signingKey,
    nkey_public: of.nkeyPublic,
    nkey_next: null,
    revoked_at: null,
  };
  await db
    .insertInto('gateway')
    .values({ ...row, created_at: clock.nowMs() })
    .onConflict((conflict) => conflict.column('gateway').doUpdateSet(row))
    .execute();
  return succeed(of);
}

/** What a key proved stays provable when it is another one's turn. */
export async function keepFormerKey(
  db: WriteTransaction['db'],
  gateway: string,
  signingKey: string,
  untilMs: number,
): Promise<void> {
  const former = parseVerifyKey(signingKey);
  if (!former.ok) return;
  await db
    .insertInto('gateway_former_key')
    .values({
      gateway,
      key_id: former.value.keyId,
      signing_key: signingKey,
      until_at: untilMs,
    })
    .onConflict((conflict) => conflict.columns(['gateway', 'key_id']).doNothing())
    .execute();
}
