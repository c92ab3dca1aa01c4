import type { RecordedEventOf } from '../ledger/recorded-event.ts';
import { BulkWriter } from '../store/bulk-writer.ts';
import type { CounterTotalTable } from '../store/schema.ts';
import type { WriteTransaction } from '../store/store.ts';

/** Units that each counter of a machine has counted, over wraps and restarts of its register. */
export class CounterProjection {
  readonly #rows = new Map<string, CounterTotalTable>();
  readonly #writer = new BulkWriter(
    'counter_total',
    [
      'site',
      'gateway',
      'device',
      'counter',
      'zone',
      'units',
      'unexplained',
      'last_value',
      'last_event',
      'changed_at',
    ],
    (insert) =>
      insert.onConflict((conflict) =>
        conflict.columns(['site', 'gateway', 'device', 'counter']).doUpdateSet((row) => ({
          zone: row.ref('excluded.zone'),
          units: row('counter_total.units', '+', row.ref('excluded.units')),
          unexplained: row('counter_total.unexplained', '+', row.ref('excluded.unexplained')),
          last_value: row.ref('excluded.last_value'),
          last_event: row.ref('excluded.last_event'),
          changed_at: row.ref('excluded.changed_at'),
        })),
      ),
  );

  add(event: RecordedEventOf<'counter.advanced'>, id: string): void {
    const { counter, step, to, units, zone } = event.payload;
    const device = event.device ?? '';
    const key = `${event.gateway}\n${device}\n${counter}`;
    const before = this.#rows.get(key);
    this.#rows.set(key, {
      site: event.site,
      gateway: event.gateway,
      device,
      counter,
      zone,
      units: (before?.units ?? 0) + units,
      unexplained: (before?.unexplained ?? 0) + (step === 'unexplained' ? 1 : 0),
      last_value: to,
      last_event: id,
      changed_at: event.occurredAt,
    });
  }

  flush(tx: WriteTransaction): void {
    this.#writer.write(tx, [...this.#rows.values()]);
    this.#rows.clear();
  }

  discard(): void {
    this.#rows.clear();
  }
}
