import type { Kysely } from 'kysely';
import type { EventKind } from '#contracts/event-kinds.ts';
import { actsRememberedMs } from '#contracts/remembered.ts';
import type { RestoreParent } from '#contracts/replacement.ts';
import { bookKinds, SiteBook, type BookRows } from '#contracts/site-book.ts';
import type { Database } from '../store/schema.ts';
import { LimitUses } from './limit-uses.ts';
import { documentKinds, OpenDocuments } from './open-documents.ts';
import { RecentIds, recentKinds, type RecentEvent } from './recent-ids.ts';

const eventsAtOnce = 2_000;

/**
 * The book of a gateway after an event of its journal, from all events up to there that took effect
 * here, with the documents that were open as tasks. `withRecent`: beside it what keeps acts and scans
 * from counting twice, and limits from beginning anew.
 */
export async function bookAt(
  read: Kysely<Database>,
  gateway: string,
  parent: RestoreParent,
  withRecent: boolean,
): Promise<BookRows> {
  const book = new SiteBook();
  const documents = new OpenDocuments();
  const uses = new LimitUses();
  const kinds = [...bookKinds, ...documentKinds];
  for await (const row of eventsOf(read, gateway, parent, kinds)) {
    const payload = JSON.parse(row.payload) as unknown;
    book.apply(row.kind, payload, row.received_at);
    documents.apply(row.kind, payload);
    if (withRecent) uses.apply(row.kind, payload, row.received_at);
  }
  const rows = book.rows();
  const all = { ...rows, tasks: [...rows.tasks, ...documents.tasks()] };
  if (!withRecent) return all;
  const lastMs = await lastReceived(read, gateway, parent);
  const ids = new RecentIds();
  const sinceMs = lastMs - actsRememberedMs;
  for await (const row of eventsOf(read, gateway, parent, recentKinds, sinceMs)) ids.apply(row);
  return { ...all, ...ids.rows(), uses: uses.rows(lastMs) };
}

/** What took effect, in the order of the journal. Reads by pages, so that others have their turn. */
async function* eventsOf(
  read: Kysely<Database>,
  gateway: string,
  { ordinal, seq }: RestoreParent,
  kinds: readonly EventKind[],
  sinceMs = 0,
): AsyncGenerator<RecentEvent> {
  for (let after = { epoch: 0, seq: 0 }; ;) {
    const page = await read
      .selectFrom('journal_event')
      .select(['epoch', 'seq', 'kind', 'device', 'payload', 'occurred_at', 'received_at', 'state'])
      .where('gateway', '=', gateway)
      .where('kind', 'in', kinds)
      .where('received_at', '>=', sinceMs)
      .where((row) => row(row.refTuple('epoch', 'seq'), '>', row.tuple(after.epoch, after.seq)))
      .where((row) => row(row.refTuple('epoch', 'seq'), '<=', row.tuple(ordinal, seq)))
      .orderBy('epoch')
      .orderBy('seq')
      .limit(eventsAtOnce)
      .execute();
    for (const row of page) if (row.state === 'applied') yield row;
    const last = page.at(-1);
    if (last === undefined || page.length < eventsAtOnce) return;
    after = last;
  }
}

async function lastReceived(
  read: Kysely<Database>,
  gateway: string,
  { ordinal, seq }: RestoreParent,
): Promise<number> {
  const last = await read
    .selectFrom('journal_event')
    .select('received_at')
    .where('gateway', '=', gateway)
    .where('epoch', '=', ordinal)
    .where('seq', '=', seq)
    .executeTakeFirst();
  return last?.received_at ?? 0;
}
