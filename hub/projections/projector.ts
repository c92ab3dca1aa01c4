import { isPostingKind } from '#contracts/event-kinds.ts';
import { eventId } from '#contracts/ids.ts';
import { applyEvidenceEvent, isEvidenceEvent } from '../evidence/evidence-projection.ts';
import { ledgerRows } from '../ledger/ledger-lines.ts';
import type { RecordedEvent, RecordedEventOf } from '../ledger/recorded-event.ts';
import { BulkWriter } from '../store/bulk-writer.ts';
import type { LedgerLineTable } from '../store/schema.ts';
import type { WriteTransaction } from '../store/store.ts';
import { CounterProjection } from './counter-projection.ts';
import { applyOutageEvent, isOutageEvent } from './outage-projection.ts';
import { applyWorkEvent, isWorkEvent } from './work-projection.ts';
import { isPresenceEvent, PresenceProjection } from './presence-projection.ts';
import { StockProjection } from './stock-projection.ts';
import { ThingProjection } from './thing-projection.ts';
import {
  applyLaneLines,
  applyTransferEvent,
  isTransferEvent,
  touchesLanes,
} from './transfer-projection.ts';

/**
 * Applies events to the ledger and all projections of one transaction. What is added is written at
 * `flush`; how events are grouped into transactions never changes what the tables hold.
 */
export class Projector {
  #lines: LedgerLineTable[] = [];
  readonly #stock = new StockProjection();
  readonly #presence = new PresenceProjection();
  readonly #counters = new CounterProjection();
  readonly #things = new ThingProjection();
  readonly #ledger = new BulkWriter('ledger_line', [
    'position',
    'line',
    'site',
    'account',
    'zone',
    'status',
    'customs',
    'owner',
    'item',
    'lot',
    'handling_unit',
    'quantity',
    'serials',
  ]);

  /** Events come in the order of `position`. */
  async add(tx: WriteTransaction, event: RecordedEvent): Promise<void> {
    if (isOutageEvent(event)) return await applyOutageEvent(tx, event);
    if (isWorkEvent(event)) return await applyWorkEvent(tx, event);
    if (isEvidenceEvent(event)) return await applyEvidenceEvent(tx, event);
    if (isTransferEvent(event)) return await applyTransferEvent(tx, event);
    this.#collect(event);
    if (isPosting(event) && touchesLanes(event.payload)) {
      await applyLaneLines(tx, event, event.payload);
    }
  }

  #collect(event: RecordedEvent): void {
    if (isPresenceEvent(event)) this.#presence.add(event, eventId(event));
    else if (event.kind === 'counter.advanced') this.#counters.add(event, eventId(event));
    else if (event.kind === 'portal.passed') this.#things.pass(event);
    else if (event.kind === 'unit.packed') this.#things.pack(event, event.payload);
    else if (event.kind === 'unit.unpacked') this.#things.unpack(event, event.payload);
    else if (isPosting(event)) {
      this.#things.post(event, event.kind, event.payload);
      const id = eventId(event);
      for (const line of ledgerRows(event.position, event.site, event.payload.lines)) {
        this.#lines.push(line);
        this.#stock.add(line, id, event.occurredAt);
      }
    }
  }

  flush(tx: WriteTransaction): void {
    this.#ledger.write(tx, this.#lines);
    this.#lines = [];
    this.#stock.flush(tx);
    this.#presence.flush(tx);
    this.#counters.flush(tx);
    this.#things.flush(tx);
  }

  /** Forgets what was added: the transaction failed. */
  discard(): void {
    this.#lines = [];
    this.#stock.discard();
    this.#presence.discard();
    this.#counters.discard();
    this.#things.discard();
  }
}

type PostingEvent = RecordedEventOf<'stock.received' | 'stock.moved' | 'stock.shipped'>;

function isPosting(event: RecordedEvent): event is PostingEvent & RecordedEvent {
  return isPostingKind(event.kind);
}
