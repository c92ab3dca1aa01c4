import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import { parseGatewayId, parseSiteId } from '#contracts/ids.ts';
import type { Store } from '../store/store.ts';
import { parseVerifyKey } from './wire-crypto.ts';

export interface Registration {
  readonly site: string;
  readonly gateway: string;
  /** Ed25519 public key, base64 of the raw 32 bytes. */
  readonly signingKey: string;
  /** Public nkey that the gateway logs in to NATS with. */
  readonly nkeyPublic: string;
}

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
  const key = parseVerifyKey(of.signingKey);
  if (!key.ok) return key;
  parseSiteId(of.site);
  parseGatewayId(of.gateway);
  return await store.write(async ({ db }) => {
    const known = await db
      .selectFrom('gateway')
      .selectAll()
      .where('gateway', '=', of.gateway)
      .executeTakeFirst();
    if (known !== undefined && (known.site !== of.site || known.signing_key !== of.signingKey)) {
      return refuse('CONFLICT', `gateway ${of.gateway} is registered with another site or key`);
    }
    const row = {
      gateway: of.gateway,
      site: of.site,
      signing_key: of.signingKey,
      nkey_public: of.nkeyPublic,
    };
    await db
      .insertInto('gateway')
      .values({ ...row, created_at: clock.nowMs() })
      .onConflict((conflict) => conflict.column('gateway').doUpdateSet(row))
      .execute();
    return succeed(of);
  });
}
