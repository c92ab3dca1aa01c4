import type { EventPayload, PostingKind } from '#contracts/event-kinds.ts';
import type { RecordedEvent, RecordedEventOf } from '../ledger/recorded-event.ts';
import { BulkWriter } from '../store/bulk-writer.ts';
import type { ThingAtTable } from '../store/transfer-schema.ts';
import type { WriteTransaction } from '../store/store.ts';

type Said = Pick<RecordedEvent, 'gateway' | 'site' | 'occurredAt' | 'position'>;

/**
 * Where each gateway's book has units and single things, so that what two of them have is found.
 * A row belongs to one gateway; changes are collected and each row is written once a transaction.
 */
export class ThingProjection {
  readonly #rows = new Map<string, ThingAtTable>();
  /** Came through a door; says nothing of things that the gateway does not have. */
  readonly #passed = new Map<string, Omit<ThingAtTable, 'place' | 'site'>>();
  readonly #writer = new BulkWriter(
    'thing_at',
    ['thing', 'gateway', 'site', 'place', 'occurred_at', 'position'],
    (insert) =>
      insert.onConflict((conflict) =>
        conflict.columns(['thing', 'gateway']).doUpdateSet((row) => ({
          site: row.ref('excluded.site'),
          place: row.ref('excluded.place'),
          occurred_at: row.ref('excluded.occurred_at'),
          position: row.ref('excluded.position'),
        })),
      ),
  );

  post(event: Said, kind: PostingKind, { lines, unit }: EventPayload<PostingKind>): void {
    if (kind === 'stock.rebooked') return;
    if (kind === 'stock.shipped' && unit !== undefined) this.#put(event, unit, '');
    for (const { account, handlingUnit, quantity, serials = [] } of lines) {
      if (quantity < 0) continue;
      const zone = account.type === 'zone' ? `zone:${account.zone}` : '';
      if (handlingUnit !== undefined) this.#put(event, handlingUnit, zone);
      const isIn = zone !== '' && handlingUnit !== undefined;
      for (const epc of serials) this.#put(event, epc, isIn ? `unit:${handlingUnit}` : zone);
    }
  }

  pack(event: Said, { parent, serials = [], units = [] }: EventPayload<'unit.packed'>): void {
    for (const thing of [...serials, ...units]) this.#put(event, thing, `unit:${parent}`);
  }

  unpack(event: Said, of: EventPayload<'unit.unpacked'>): void {
    const { dissolved, parent, units = [], zone } = of;
    for (const unit of units) this.#put(event, unit, zone === undefined ? '' : `zone:${zone}`);
    if (dissolved) this.#put(event, parent, '');
  }

  pass(event: RecordedEventOf<'portal.passed'>): void {
    const { epc: thing } = event.payload;
    if (event.payload.direction !== 'in') return;
    const { gateway, occurredAt: occurred_at, position } = event;
    const key = `${thing}\n${gateway}`;
    const row = this.#rows.get(key);
    if (row === undefined) this.#passed.set(key, { thing, gateway, occurred_at, position });
    else if (row.place !== '') this.#rows.set(key, { ...row, occurred_at, position });
  }

  flush(tx: WriteTransaction): void {
    for (const { gateway, occurred_at, position, thing } of this.#passed.values()) {
      tx.execute(
        `update thing_at set occurred_at = ?, position = ?
         where thing = ? and gateway = ? and place <> ''`,
        [occurred_at, position, thing, gateway],
      );
    }
    this.#writer.write(tx, [...this.#rows.values()]);
    this.discard();
  }

  discard(): void {
    this.#rows.clear();
    this.#passed.clear();
  }

  #put({ gateway, occurredAt, position, site }: Said, thing: string, place: string): void {
    const key = `${thing}\n${gateway}`;
    this.#passed.delete(key);
    this.#rows.set(key, { thing, gateway, site, place, occurred_at: occurredAt, position });
  }
}
