import type { RecordedEvent, RecordedEventOf } from '../ledger/recorded-event.ts';
import { BulkWriter } from '../store/bulk-writer.ts';
import type { TagPresenceTable } from '../store/schema.ts';
import type { WriteTransaction } from '../store/store.ts';

type PresenceEvent = RecordedEventOf<'tag.appeared' | 'tag.moved' | 'tag.departed'>;

/**
 * Where each gateway last placed each tag. A row belongs to one gateway and the last of its events
 * wins, so that a backlog of one gateway never overwrites what another one sees now.
 */
export class PresenceProjection {
  readonly #rows = new Map<string, TagPresenceTable>();
  readonly #writer = new BulkWriter(
    'tag_presence',
    ['site', 'epc', 'gateway', 'zone', 'state', 'since', 'last_event'],
    (insert) =>
      insert.onConflict((conflict) =>
        conflict.columns(['site', 'epc', 'gateway']).doUpdateSet((row) => ({
          zone: row.ref('excluded.zone'),
          state: row.ref('excluded.state'),
          since: row.ref('excluded.since'),
          last_event: row.ref('excluded.last_event'),
        })),
      ),
  );

  add(event: PresenceEvent, id: string): void {
    const { site, gateway } = event;
    const { epc, zone } = event.payload;
    const departed = event.kind === 'tag.departed';
    this.#rows.set(`${gateway}\n${epc}`, {
      site,
      epc,
      gateway,
      zone,
      state: departed ? 'departed' : 'present',
      since: event.occurredAt,
      last_event: id,
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

export function isPresenceEvent(event: RecordedEvent): event is PresenceEvent & RecordedEvent {
  return (
    event.kind === 'tag.appeared' || event.kind === 'tag.moved' || event.kind === 'tag.departed'
  );
}
