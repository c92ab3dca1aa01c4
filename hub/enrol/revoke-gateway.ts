import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { Store } from '../store/store.ts';
import { withTokens } from './enrolment-tokens.ts';

/**
 * Takes a gateway's right to connect, and every token that was made for it. What it sent stays;
 * what it keeps until it is let in again is sent then. Rights at NATS are the caller's to bring.
 *
 * @returns NOT_FOUND.
 */
export async function revokeGateway(
  store: Store,
  clock: Clock,
  of: { readonly site: string; readonly gateway: string },
): Promise<Result<{ revokedAt: number }>> {
  return await store.write(async ({ db }) => {
    const known = await db
      .selectFrom('gateway')
      .select('revoked_at')
      .where('gateway', '=', of.gateway)
      .where('site', '=', of.site)
      .executeTakeFirst();
    if (known === undefined) {
      return refuse('NOT_FOUND', `there is no gateway ${of.site}/${of.gateway}`);
    }
    const revokedAt = known.revoked_at ?? clock.nowMs();
    await db
      .updateTable('gateway')
      .set({ revoked_at: revokedAt, nkey_next: null })
      .where('gateway', '=', of.gateway)
      .execute();
    await withTokens(db)
      .updateTable('enrolment_token')
      .set({ revoked_at: revokedAt })
      .where('gateway', '=', of.gateway)
      .where('revoked_at', 'is', null)
      .execute();
    return succeed({ revokedAt });
  });
}
