import { BulkWriter } from '../store/bulk-writer.ts';
import type { LedgerLineTable, StockTable } from '../store/schema.ts';
import type { WriteTransaction } from '../store/store.ts';

/**
 * Stock by site, zone, status, owner, item, lot and handling unit: the sum of the ledger's lines on
 * inside accounts. Changes are summed in memory and each row is written once a transaction.
 */
export class StockProjection {
  readonly #rows = new Map<string, StockTable>();
  readonly #writer = new BulkWriter(
    'stock',
    [
      'site',
      'zone',
      'item',
      'status',
      'owner',
      'lot',
      'handling_unit',
      'quantity',
      'last_event',
      'changed_at',
    ],
    (insert) =>
      insert.onConflict((conflict) =>
        conflict
          .columns(['site', 'zone', 'item', 'status', 'owner', 'lot', 'handling_unit'])
          .doUpdateSet((row) => ({
            quantity: row('stock.quantity', '+', row.ref('excluded.quantity')),
            last_event: row.ref('excluded.last_event'),
            changed_at: row.ref('excluded.changed_at'),
          })),
      ),
  );

  add(line: LedgerLineTable, event: string, occurredAt: number): void {
    if (line.zone === '') return;
    const { site, zone, item, status, owner, lot, handling_unit } = line;
    const key = `${site}\n${zone}\n${status}\n${owner}\n${item}\n${lot}\n${handling_unit}`;
    const row = this.#rows.get(key);
    if (row === undefined) {
      this.#rows.set(key, {
        site,
        zone,
        item,
        status,
        owner,
        lot,
        handling_unit,
        quantity: line.quantity,
        last_event: event,
        changed_at: occurredAt,
      });
      return;
    }
    row.quantity += line.quantity;
    row.last_event = event;
    row.changed_at = occurredAt;
  }

  flush(tx: WriteTransaction): void {
    this.#writer.write(tx, [...this.#rows.values()]);
    this.#rows.clear();
  }

  discard(): void {
    this.#rows.clear();
  }
}
