import type { Kysely } from 'kysely';
import type { EventPosition } from '#contracts/ids.ts';
import type { Database } from '../store/schema.ts';

/** The hash that is recorded at a position; `seq` 0 is the genesis of the epoch. */
export async function recordedHash(
  db: Kysely<Database>,
  { gateway, epoch, seq }: EventPosition,
): Promise<string | undefined> {
  if (seq === 0) {
    const row = await db
      .selectFrom('epoch')
      .select('genesis_hash')
      .where('gateway', '=', gateway)
      .where('ordinal', '=', epoch)
      .executeTakeFirst();
    return row?.genesis_hash;
  }
  const row = await db
    .selectFrom('journal_event')
    .select('hash')
    .where('gateway', '=', gateway)
    .where('epoch', '=', epoch)
    .where('seq', '=', seq)
    .executeTakeFirst();
  return row?.hash;
}
