import { keyRotationText } from '#contracts/chain.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import type { WriteTransaction } from '../store/store.ts';
import { keepFormerKey } from './register-gateway.ts';
import { parseVerifyKey } from './wire-crypto.ts';

/** A rotation as it stands in a journal that is proven up to there. */
export interface RecordedRotation {
  readonly site: string;
  readonly gateway: string;
  readonly recordedAt: number;
  readonly payload: EventPayload<'gateway.key-rotated'>;
}

/**
 * A gateway's journal names its next signing key: from here on that is its key, if the one that is
 * known names it. The one before counts too until the gateway has used the next, because what it
 * sent meanwhile is on its way. Said again it changes nothing.
 *
 * @returns whether the key is another one now.
 */
export async function takeRotation(
  { db }: Pick<WriteTransaction, 'db'>,
  { gateway, payload, recordedAt, site }: RecordedRotation,
): Promise<boolean> {
  const { fromKey, key, proof, signature } = payload;
  const known = await db
    .selectFrom('gateway')
    .select('signing_key')
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  const before = await db
    .selectFrom('gateway_key_rotation')
    .selectAll()
    .where('gateway', '=', gateway)
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  const names = [known?.signing_key, before?.former_key];
  const [from, to] = [parseVerifyKey(fromKey), parseVerifyKey(key)];
  if (!names.includes(fromKey) || known?.signing_key === key || !from.ok || !to.ok) return false;
  const text = keyRotationText({ fromKey, gateway, key, site });
  if (!from.value.verify(text, signature) || !to.value.verify(text, proof)) return false;
  await keepFormerKey(db, gateway, known?.signing_key ?? fromKey, recordedAt);
  await db
    .updateTable('gateway')
    .set({ signing_key: key })
    .where('gateway', '=', gateway)
    .execute();
  const row = { former_key: fromKey, rotated_at: recordedAt, retired_at: null };
  await db
    .insertInto('gateway_key_rotation')
    .values({ gateway, ...row })
    .onConflict((conflict) => conflict.column('gateway').doUpdateSet(row))
    .execute();
  return true;
}
