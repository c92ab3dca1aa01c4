import { sql } from 'kysely';
import { eventKinds } from '#contracts/event-kinds.ts';
import { eventId } from '#contracts/ids.ts';
import type { JournalEventTable } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { judgeEvent } from './judge-event.ts';
import { recordedEvent } from './journal-writer.ts';
import type { LaneBook } from './lane-book.ts';
import type { SqlLaneTransaction } from './sql-lane-store.ts';

const eventsInTransaction = 500;

/**
 * After an upgrade: events that an older hub parked take effect now, in the order in which they
 * were recorded. They move to the end of the hub's own order, because that is where they took
 * effect; their place in their journal stays.
 *
 * @returns how many were applied.
 */
export async function unpark(store: Store, book: LaneBook<SqlLaneTransaction>): Promise<number> {
  const positions = await knownParked(store);
  for (let from = 0; from < positions.length; from += eventsInTransaction) {
    const chunk = positions.slice(from, from + eventsInTransaction);
    await book.write(async (within) => {
      let { nextPosition } = book;
      const rows = await within.tx.db
        .selectFrom('journal_event')
        .selectAll()
        .where('position', 'in', chunk)
        .orderBy('position')
        .execute();
      for (const row of rows) {
        await unparkEvent(within, row, nextPosition);
        nextPosition += 1;
      }
      await within.flush();
      return { changes: { lanes: new Map(), nextPosition }, value: undefined };
    });
  }
  return positions.length;
}

async function knownParked(store: Store): Promise<number[]> {
  const positions: number[] = [];
  for (const [kind, { version }] of Object.entries(eventKinds)) {
    const rows = await store.read
      .selectFrom('journal_event')
      .select('position')
      // As a literal, so that SQLite sees that the partial index serves this.
      .where('state', '<>', sql.lit('applied'))
      .where('state', '=', 'parked')
      .where('kind', '=', kind)
      .where('version', '<=', version)
      .execute();
    for (const row of rows) positions.push(row.position);
  }
  return positions.sort((a, b) => a - b);
}

async function unparkEvent(
  { tx, writer }: SqlLaneTransaction,
  row: JournalEventTable,
  position: number,
): Promise<void> {
  const judged = judgeEvent(row, row);
  const place = { ...row, position, recordedAt: row.recorded_at };
  await tx.db
    .updateTable('journal_event')
    .set({ state: judged.state, position })
    .where('position', '=', row.position)
    .execute();
  if (judged.state === 'applied') await writer.project(tx, recordedEvent(judged, place));
  if (judged.state === 'quarantined') {
    writer.quarantine.addEvent({
      event: eventId(row),
      gateway: row.gateway,
      site: row.site,
      detail: judged.why,
      text: `${row.header}\n${row.payload}`,
      receivedAt: row.recorded_at,
    });
  }
}
