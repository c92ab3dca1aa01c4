import type { Kysely } from 'kysely';
import { bookKinds, SiteBook, type BookRows } from '#contracts/site-book.ts';
import type { RestoreParent } from '#contracts/replacement.ts';
import type { Database } from '../store/schema.ts';
import { documentKinds, OpenDocuments } from './open-documents.ts';

const eventsAtOnce = 2_000;

/**
 * The book of a gateway after an event of its journal, from all events up to there that took effect
 * here, with the documents that were open as tasks. Reads by pages, so that others have their turn.
 */
export async function bookAt(
  read: Kysely<Database>,
  gateway: string,
  { ordinal, seq }: RestoreParent,
): Promise<BookRows> {
  const book = new SiteBook();
  const documents = new OpenDocuments();
  for (let after = { epoch: 0, seq: 0 }; ;) {
    const page = await read
      .selectFrom('journal_event')
      .select(['epoch', 'seq', 'kind', 'payload', 'received_at', 'state'])
      .where('gateway', '=', gateway)
      .where('kind', 'in', [...bookKinds, ...documentKinds])
      .where((row) => row(row.refTuple('epoch', 'seq'), '>', row.tuple(after.epoch, after.seq)))
      .where((row) => row(row.refTuple('epoch', 'seq'), '<=', row.tuple(ordinal, seq)))
      .orderBy('epoch')
      .orderBy('seq')
      .limit(eventsAtOnce)
      .execute();
    for (const row of page) {
      if (row.state !== 'applied') continue;
      const payload = JSON.parse(row.payload) as unknown;
      book.apply(row.kind, payload, row.received_at);
      documents.apply(row.kind, payload);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < eventsAtOnce) {
      const rows = book.rows();
      return { ...rows, tasks: [...rows.tasks, ...documents.tasks()] };
    }
    after = last;
  }
}
