import type { EventKind } from '#contracts/event-kinds.ts';
import type { RecordedEvent } from '../ledger/recorded-event.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import type { TransferTables } from '../transfers/transfer-tables.ts';
import { Projector } from './projector.ts';

const eventsAtOnce = 2_000;

/** What the journal alone determines: the ledger and everything drawn from it. */
export const projectedTables = [
  'ledger_line',
  'stock',
  'tag_presence',
  'counter_total',
  'outage',
  'site_task',
  'flagged_act',
  'in_transit',
  'transfer',
  'transfer_thing',
  'thing_at',
  'evidence_segment',
  'evidence_gap',
] as const;

/**
 * Makes ledger and projections anew from the journal, in one transaction: readers see the old ones
 * until the new ones are whole, and a crash leaves the old ones. The result is the same to the byte,
 * because events are replayed in the order in which they took effect.
 *
 * @param progress told how many events are done.
 */
export async function rebuildProjections(
  store: Store,
  progress: (events: number) => void = () => {},
): Promise<number> {
  return await store.write(async (tx) => {
    for (const table of projectedTables) await tx.db.deleteFrom(table).execute();
    // What stands in two books then is looked for again; what was told is not told twice.
    await tx.db.withTables<TransferTables>().deleteFrom('transfer_cursor').execute();
    const projector = new Projector();
    let events = 0;
    let after = 0;
    for (;;) {
      const rows = await readApplied(tx, after);
      for (const row of rows) await projector.add(tx, row);
      projector.flush(tx);
      events += rows.length;
      after = rows.at(-1)?.position ?? after;
      progress(events);
      if (rows.length < eventsAtOnce) return events;
    }
  });
}

async function readApplied(tx: WriteTransaction, after: number): Promise<RecordedEvent[]> {
  const rows = await tx.db
    .selectFrom('journal_event')
    .select(['position', 'site', 'gateway', 'epoch', 'seq', 'device', 'kind', 'payload'])
    .select(['occurred_at', 'recorded_at'])
    .where('position', '>', after)
    .where('state', '=', 'applied')
    .orderBy('position')
    .limit(eventsAtOnce)
    .execute();
  return rows.map(
    (row) =>
      ({
        position: row.position,
        site: row.site,
        gateway: row.gateway,
        epoch: row.epoch,
        seq: row.seq,
        device: row.device ?? undefined,
        occurredAt: row.occurred_at,
        recordedAt: row.recorded_at,
        kind: row.kind as EventKind,
        // It was checked against its kind when it was applied.
        payload: JSON.parse(row.payload) as unknown,
      }) as RecordedEvent,
  );
}
