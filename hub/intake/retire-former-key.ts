import type { WriteTransaction } from '../store/store.ts';

/** The gateway has used its next key: the one before proves nothing new any more. */
export async function retireFormerKey(
  { db }: Pick<WriteTransaction, 'db'>,
  gateway: string,
  nowMs: number,
): Promise<void> {
  await db
    .updateTable('gateway_key_rotation')
    .set({ retired_at: nowMs })
    .where('gateway', '=', gateway)
    .where('retired_at', 'is', null)
    .execute();
}
