import { eventId } from '#contracts/ids.ts';
import type { RecordedEvent, RecordedEventOf } from '../ledger/recorded-event.ts';
import type { WriteTransaction } from '../store/store.ts';

type WorkKind = 'task.opened' | 'task.closed' | 'act.flagged' | 'gateway.book-restored';
export type WorkEvent = { [K in WorkKind]: RecordedEventOf<K> }[WorkKind];

const workKinds: ReadonlySet<string> = new Set<WorkKind>([
  'task.opened',
  'task.closed',
  'act.flagged',
  'gateway.book-restored',
]);

export function isWorkEvent(event: RecordedEvent): event is WorkEvent {
  return workKinds.has(event.kind);
}

/** What sites left to be done, and acts that somebody has to review. These events are few. */
export async function applyWorkEvent(tx: WriteTransaction, event: WorkEvent): Promise<void> {
  switch (event.kind) {
    case 'task.opened':
      return await open(tx, event);
    case 'task.closed':
      return await close(tx, event);
    case 'act.flagged':
      return await flag(tx, event);
    case 'gateway.book-restored':
      return await carry(tx, event);
  }
}

async function open(tx: WriteTransaction, event: RecordedEventOf<'task.opened'>): Promise<void> {
  const { id, task, reason, zone, item, unit, document, act } = event.payload;
  // Of a release whose tasks could not be worked off.
  if (id === undefined) return;
  await tx.db
    .insertInto('site_task')
    .values({
      gateway: event.gateway,
      epoch: event.epoch,
      id,
      site: event.site,
      task,
      reason,
      zone: zone ?? null,
      item: item ?? null,
      unit: unit ?? null,
      document: document ?? null,
      act: act ?? null,
      opened_at: event.occurredAt,
      opened_by: eventId(event),
      state: 'open',
      outcome: null,
      closed_at: null,
      closed_by: null,
    })
    .onConflict((conflict) => conflict.columns(['gateway', 'epoch', 'id']).doNothing())
    .execute();
}

async function close(tx: WriteTransaction, event: RecordedEventOf<'task.closed'>): Promise<void> {
  const { by, id, outcome } = event.payload;
  await tx.db
    .updateTable('site_task')
    .set({ state: 'closed', outcome, closed_at: event.occurredAt, closed_by: by?.person ?? null })
    .where('gateway', '=', event.gateway)
    .where('epoch', '=', event.epoch)
    .where('id', '=', id)
    .execute();
}

async function flag(tx: WriteTransaction, event: RecordedEventOf<'act.flagged'>): Promise<void> {
  const { act, actedAt, person, revokedAt, type } = event.payload;
  const said = {
    person,
    type,
    acted_at: actedAt,
    revoked_at: revokedAt,
    flagged_by: eventId(event),
  };
  await tx.db
    .insertInto('flagged_act')
    .values({ gateway: event.gateway, act, site: event.site, ...said })
    .onConflict((conflict) => conflict.columns(['gateway', 'act']).doUpdateSet(said))
    .execute();
}

/** Another box goes on: it opens anew what was open, under ids of its own. */
async function carry(
  tx: WriteTransaction,
  event: RecordedEventOf<'gateway.book-restored'>,
): Promise<void> {
  await tx.db
    .updateTable('site_task')
    .set({ state: 'carried', closed_at: event.occurredAt })
    .where('gateway', '=', event.gateway)
    .where('epoch', '<', event.epoch)
    .where('state', '=', 'open')
    .execute();
}
