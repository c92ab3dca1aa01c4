import { sql } from 'kysely';
import type { EventPayload, PostingKind } from '#contracts/event-kinds.ts';
import { eventId } from '#contracts/ids.ts';
import { laneOf, type PostingLine } from '#contracts/posting.ts';
import type { RecordedEvent, RecordedEventOf } from '../ledger/recorded-event.ts';
import type { WriteTransaction } from '../store/store.ts';

type Said = Pick<RecordedEvent, 'gateway' | 'site' | 'epoch' | 'seq' | 'occurredAt' | 'position'>;
type TransferEvent = RecordedEventOf<'transfer.sent'> | RecordedEventOf<'transfer.matched'>;

export function isTransferEvent(event: RecordedEvent): event is TransferEvent {
  return event.kind === 'transfer.sent' || event.kind === 'transfer.matched';
}

export function touchesLanes({ lines }: EventPayload<PostingKind>): boolean {
  return lines.some(({ account }) => account.type === 'transit');
}

/** What a gateway says of goods between it and others. These events are few. */
export async function applyTransferEvent(
  tx: WriteTransaction,
  event: TransferEvent,
): Promise<void> {
  if (event.kind === 'transfer.sent') return await sent(tx, event);
  const { lines, transfer } = event.payload;
  const quantity = lines.reduce((sum, one) => sum + one.quantity, 0);
  await arrived(tx, event, transfer, quantity);
}

/** A posting into lanes, or out of them. */
export async function applyLaneLines(
  tx: WriteTransaction,
  event: Said,
  { lines, transfer }: EventPayload<PostingKind>,
): Promise<void> {
  let out = 0;
  for (const line of lines) {
    const { account, quantity } = line;
    if (account.type !== 'transit') continue;
    if (quantity < 0) out -= quantity;
    await addToLane(tx, event, account.lane, line);
  }
  if (transfer !== undefined && out > 0) await arrived(tx, event, transfer, out);
}

async function addToLane(
  tx: WriteTransaction,
  event: Said,
  lane: string,
  { handlingUnit = '', item, lot = '', owner, quantity, serials = [] }: PostingLine,
): Promise<void> {
  const isByName = handlingUnit === '' && serials.length > 0;
  const each = isByName ? serials.map((epc) => [epc, Math.sign(quantity)] as const) : [];
  for (const [epc, of] of isByName ? each : [['', quantity] as const]) {
    const key = { lane, owner, item, lot, handling_unit: handlingUnit, epc };
    const last_event = eventId(event);
    await tx.db
      .insertInto('in_transit')
      .values({ ...key, quantity: of, since: event.occurredAt, last_event })
      .onConflict((conflict) =>
        conflict
          .columns(['lane', 'owner', 'item', 'lot', 'handling_unit', 'epc'])
          .doUpdateSet((row) => ({
            quantity: row('in_transit.quantity', '+', row.ref('excluded.quantity')),
            since: sinceTurned,
            last_event,
          })),
      )
      .execute();
    await tx.db
      .deleteFrom('in_transit')
      .where((row) => row.and(key))
      .where('quantity', '=', 0)
      .execute();
  }
}

/** More left than had come in before, or the other way round: it is another matter since then. */
const sinceTurned = sql<number>`case
  when (in_transit.quantity > 0) = (in_transit.quantity + excluded.quantity > 0)
  then in_transit.since else excluded.since end`;

async function sent(tx: WriteTransaction, event: RecordedEventOf<'transfer.sent'>): Promise<void> {
  const { epoch, gateway, occurredAt, payload, position, site } = event;
  const { id: own, lines, to, toZone, units = [] } = payload;
  const id = `${gateway}/${epoch}/${own}`;
  const said = {
    lane: laneOf(gateway, to),
    from_site: site,
    from_gateway: gateway,
    to_gateway: to,
    to_zone: toZone ?? null,
    sent_at: occurredAt,
    quantity: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    content: JSON.stringify({ lines, ...(units.length === 0 ? {} : { units }) }),
    position,
  };
  await tx.db
    .insertInto('transfer')
    .values({ id, ...said, arrived: 0, state: 'open' })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(said))
    .execute();
  const things = new Set([
    ...lines.flatMap(({ serials = [] }) => serials),
    ...units.flatMap(({ serials, unit }) => [unit, ...serials]),
  ]);
  for (const thing of things) {
    await tx.db
      .insertInto('transfer_thing')
      .values({ thing, transfer: id })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  await settle(tx, id);
}

/** Who sent it names it without itself. */
async function arrived(
  tx: WriteTransaction,
  { epoch, gateway, position, site }: Said,
  transfer: string,
  quantity: number,
): Promise<void> {
  const id = transfer.includes('/') ? transfer : `${gateway}/${epoch}/${transfer}`;
  const [from = ''] = id.split('/');
  await tx.db
    .insertInto('transfer')
    .values({
      id,
      lane: '',
      from_site: site,
      from_gateway: from,
      to_gateway: '',
      to_zone: null,
      sent_at: 0,
      quantity: 0,
      arrived: quantity,
      state: 'open',
      content: null,
      position,
    })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((row) => ({
        arrived: row('transfer.arrived', '+', row.ref('excluded.arrived')),
        position,
      })),
    )
    .execute();
  await settle(tx, id);
}

async function settle(tx: WriteTransaction, id: string): Promise<void> {
  await tx.db
    .updateTable('transfer')
    .set({ state: 'settled' })
    .where('id', '=', id)
    .where('content', 'is not', null)
    .where('arrived', '>=', sql<number>`quantity`)
    .execute();
  await tx.db
    .deleteFrom('transfer_thing')
    .where('transfer', '=', id)
    .where((row) =>
      row.exists(
        row
          .selectFrom('transfer')
          .select('id')
          .where('transfer.id', '=', id)
          .where('state', '=', 'settled'),
      ),
    )
    .execute();
}
