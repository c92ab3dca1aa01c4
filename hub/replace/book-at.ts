import type { Kysely } from 'kysely';
import { bookKinds, SiteBook } from '#contracts/site-book.ts';
import type { RestoreParent } from '#contracts/replacement.ts';
import type { Database } from '../store/schema.ts';

const eventsAtOnce = 2_000;

/**
 * The book of a gateway after an event of its journal, from all events up to there that took effect
 * here. Reads by pages, so that others have their turn.
 */
export async function bookAt(
  read: Kysely<Database>,
  gateway: string,
  { ordinal, seq }: RestoreParent,
): Promise<SiteBook> {
  const book = new SiteBook();
  for (let after = { epoch: 0, seq: 0 }; ;) {
    const page = await read
      .selectFrom('journal_event')
      .select(['epoch', 'seq', 'kind', 'payload', 'received_at', 'state'])
      .where('gateway', '=', gateway)
      .where('kind', 'in', bookKinds)
      .where((row) => row(row.refTuple('epoch', 'seq'), '>', row.tuple(after.epoch, after.seq)))
      .where((row) => row(row.refTuple('epoch', 'seq'), '<=', row.tuple(ordinal, seq)))
      .orderBy('epoch')
      .orderBy('seq')
      .limit(eventsAtOnce)
      .execute();
    for (const row of page) {
      if (row.state !== 'applied') continue;
      book.apply(row.kind, JSON.parse(row.payload) as unknown, row.received_at);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < eventsAtOnce) return book;
    after = last;
  }
}
