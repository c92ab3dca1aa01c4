import type { StoredEvent } from '#contracts/envelope.ts';
import { eventId, type EventPosition } from '#contracts/ids.ts';
import type { RecordedEvent } from '../ledger/recorded-event.ts';
import { ChangeSet, type Change } from '../projections/changes.ts';
import { Projector } from '../projections/projector.ts';
import { BulkWriter } from '../store/bulk-writer.ts';
import type { BatchTable, JournalEventTable } from '../store/schema.ts';
import type { WriteTransaction } from '../store/store.ts';
import { judgeEvent, type Judgement } from './judge-event.ts';
import { takeRotation } from './key-rotation.ts';
import { Quarantine } from './quarantine.ts';

/** Where an event of a proven chain stands, with what the hub adds. */
export interface EventPlace extends EventPosition {
  readonly position: number;
  readonly site: string;
  readonly hash: string;
  readonly recordedAt: number;
}

/**
 * Collects what one transaction records: the journal's rows, what was signed, what the events do to
 * ledger and projections, what is put aside. Nothing is written before `flush`, apart from the rare
 * events of outages.
 */
export class JournalWriter {
  readonly quarantine = new Quarantine();
  readonly #projector = new Projector();
  readonly #changes = new ChangeSet();
  #events: JournalEventTable[] = [];
  #batches: BatchTable[] = [];
  readonly #eventWriter = new BulkWriter('journal_event', [
    'position',
    'gateway',
    'epoch',
    'seq',
    'site',
    'kind',
    'version',
    'device',
    'occurred_at',
    'received_at',
    'recorded_at',
    'header',
    'payload',
    'hash',
    'state',
  ]);
  readonly #batchWriter = new BulkWriter('batch', [
    'gateway',
    'epoch',
    'last_seq',
    'first_seq',
    'checkpoint',
    'signature',
    'key_id',
    'recorded_at',
  ]);

  /** @returns the state under which the event is recorded. */
  async addEvent(
    tx: WriteTransaction,
    event: StoredEvent,
    place: EventPlace,
  ): Promise<Judgement['state']> {
    const judged = judgeEvent(event, place);
    const { gateway, epoch, seq, site, position, recordedAt } = place;
    this.#events.push({
      position,
      gateway,
      epoch,
      seq,
      site,
      kind: judged.kind ?? 'unreadable',
      version: judged.version ?? 0,
      device: judged.device ?? null,
      occurred_at: judged.occurredAt ?? recordedAt,
      received_at: judged.receivedAt ?? recordedAt,
      recorded_at: recordedAt,
      header: event.header,
      payload: event.payload,
      hash: place.hash,
      state: judged.state,
    });
    if (judged.state === 'applied') await this.project(tx, recordedEvent(judged, place));
    if (judged.state === 'quarantined') {
      this.quarantine.addEvent({
        event: eventId(place),
        gateway,
        site,
        detail: judged.why,
        text: `${event.header}\n${event.payload}`,
        receivedAt: recordedAt,
      });
    }
    return judged.state;
  }

  addBatch(batch: BatchTable): void {
    this.#batches.push(batch);
  }

  async project(tx: WriteTransaction, event: RecordedEvent): Promise<void> {
    this.#changes.addEvent(event);
    if (event.kind === 'gateway.key-rotated') await takeRotation(tx, event);
    await this.#projector.add(tx, event);
  }

  /** The hash of an event of this transaction that is not written yet. */
  pendingHash({ gateway, epoch, seq }: EventPosition): string | undefined {
    return this.#events.find(
      (row) => row.seq === seq && row.gateway === gateway && row.epoch === epoch,
    )?.hash;
  }

  /** @returns what changes when the transaction commits. */
  async flush(tx: WriteTransaction): Promise<Change[]> {
    this.#eventWriter.write(tx, this.#events);
    this.#batchWriter.write(tx, this.#batches);
    this.#projector.flush(tx);
    await this.quarantine.flush(tx);
    this.#events = [];
    this.#batches = [];
    return this.#changes.take();
  }

  /** Forgets everything: the transaction failed. */
  discard(): void {
    this.#events = [];
    this.#batches = [];
    this.#projector.discard();
    this.quarantine.discard();
    this.#changes.take();
  }
}

/** The event as ledger and projections read it. The payload fits its kind: its schema said so. */
export function recordedEvent(
  judged: Extract<Judgement, { state: 'applied' }>,
  place: Omit<EventPlace, 'hash'>,
): RecordedEvent {
  return {
    position: place.position,
    site: place.site,
    gateway: place.gateway,
    epoch: place.epoch,
    seq: place.seq,
    device: judged.device,
    occurredAt: judged.occurredAt,
    recordedAt: place.recordedAt,
    kind: judged.kind,
    payload: judged.payload,
  } as RecordedEvent;
}
