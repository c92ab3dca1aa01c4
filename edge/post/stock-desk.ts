import type { ActOutcome, FloorAct, Lease } from '#contracts/acts.ts';
import type { SiteDocument } from '#contracts/documents.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import { DocumentBook, type EndedDocument } from '../documents/document-book.ts';
import { dropExpectedUnits, expectUnits } from '../documents/expected-units.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { arrivalAt } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import { RestoredBook } from '../stock/restored-book.ts';
import { StockBook, type OpenConflict } from '../stock/stock-book.ts';
import { stockViewOf } from '../stock/stock-reader.ts';
import type { StockView } from '../stock/stock-view.ts';
import { TaskBook } from '../stock/task-book.ts';
import type { Turn } from '../stock/turn.ts';
import { NoticeDesk } from '../transfers/notice-desk.ts';
import { TransferDesk } from '../transfers/transfer-desk.ts';
import { transfersShown } from '../transfers/transfers-shown.ts';
import { ActDesk } from './act-desk.ts';
import { ClimateWatch } from './climate-watch.ts';
import { holdZone, type ZoneHold } from './hold-zone.ts';
import { endReconciling, PassageBook } from './passage-book.ts';
import { Poster } from './poster.ts';
import { UnitPostings } from './unit-postings.ts';
import { UnitWatch } from './unit-watch.ts';

/** Entries that are about stock alone. */
export type StockBody = Extract<
  IntakeBody,
  { type: 'act' | 'document' | 'revocation' | 'book-restored' | 'transfers' }
>;

/** Presence, as far as stock asks for it. */
export interface PresenceReader {
  /** The tags that are believed in a zone now, sorted. */
  tagsIn(zone: string): readonly string[];
  zoneOf(epc: string): string | undefined;
}

/**
 * The site's stock at the edge: the books, and all that may change them: evidence of devices
 * (`poster`), documents, acts of persons, and time.
 */
export class StockDesk {
  readonly #tasks = new TaskBook();
  readonly #stock = new StockBook(this.#tasks);
  readonly #documents = new DocumentBook();
  readonly #restored = new RestoredBook(this.#stock, this.#tasks);
  readonly #passages = new PassageBook(this.#tasks);
  readonly #transfers = new TransferDesk(this.#stock, this.#tasks);
  readonly #postings = new UnitPostings(this.#stock, this.#documents, this.#transfers);
  readonly #units = new UnitWatch(
    this.#stock,
    this.#documents,
    this.#tasks,
    this.#postings,
    this.#passages,
  );
  readonly poster = new Poster({
    stock: this.#stock,
    tasks: this.#tasks,
    documents: this.#documents,
    units: this.#units,
    passages: this.#passages,
    transfers: this.#transfers,
  });
  /** Told of temperatures and excursions by whoever observes them. */
  readonly climate = new ClimateWatch(this.#stock);
  readonly #acts: ActDesk;
  readonly #notices: NoticeDesk;
  readonly view: StockView;

  constructor(presence: PresenceReader) {
    const books = { stock: this.#stock, tasks: this.#tasks, documents: this.#documents };
    const climate = this.climate;
    this.view = stockViewOf({ ...books, climate }, presence, {
      doors: () => this.#passages.doors(this.poster.portals),
      unitSeen: (unit) => this.#units.lastSeen(unit),
      leaseUse: (lease) => this.#acts.leaseUse(lease),
      transfers: () => transfersShown(this.#transfers.book),
      isOnItsWay: (epc) => this.#transfers.book.ofThing(epc) !== undefined,
    });
    this.#notices = new NoticeDesk(this.#stock, this.#tasks, this.#transfers, {
      zoneOf: (epc) => presence.zoneOf(epc),
      seen: (turn, epc, zone) => this.poster.seenBefore(turn, epc, zone),
    });
    this.#acts = new ActDesk({
      ...books,
      passages: this.#passages,
      transfers: this.#transfers,
      presence,
      postings: this.#postings,
      endDocuments: (turn, ended) => this.#close(turn, ended),
    });
  }

  /** A new intake entry is at work: ids of tasks follow from its position. */
  begin(pos: number): void {
    this.#tasks.begin(pos);
    this.#acts.begin(pos);
    this.#transfers.begin(pos);
  }

  /** Builds what follows from the restored rows. */
  resume(): void {
    this.#stock.resume();
  }

  configure(site: SiteModel): void {
    this.poster.configure(site);
    this.#transfers.configure(site);
  }

  /** Ends what waited for quiet, says progress, lets go of what is over. */
  tick(site: SiteModel, nowMs: number, out: EventDraft[]): void {
    this.#units.tick(site, nowMs, out);
    const isUnderWay = (portal: string) => this.#units.isUnderWay(portal);
    this.#passages.tick(site, nowMs, out, isUnderWay);
    this.#end({ nowMs, at: arrivalAt(nowMs), out }, this.#documents.tick(nowMs, out));
    this.#stock.tick(nowMs);
    this.#acts.tick(nowMs);
    this.#tasks.tick(nowMs, out);
    this.#transfers.tick(site, nowMs, out);
    this.#notices.tick(site, nowMs, out);
    this.poster.tick(nowMs);
    this.climate.tick(site, nowMs, out);
  }

  /** @returns what became of an act. */
  take(
    site: SiteModel | undefined,
    body: StockBody,
    nowMs: number,
    out: EventDraft[],
  ): ActOutcome | undefined {
    switch (body.type) {
      case 'act':
        return this.#acts.take(site, body, nowMs, out);
      case 'document':
        this.takeDocument(site, body.document, nowMs, out);
        return undefined;
      case 'revocation':
        this.#acts.revoke(body.person, [body.revokedAtMs, body.untilMs ?? null], nowMs, out);
        return undefined;
      case 'transfers':
        if (site !== undefined) this.#notices.take(site, body.notices, nowMs, out);
        return undefined;
      case 'book-restored':
        this.#acts.remember(site, body.rows, nowMs);
        this.#restored.take(site, body, { nowMs, at: arrivalAt(nowMs), out });
        return undefined;
    }
  }

  /** A document of another site is not ours, whoever sent it. */
  takeDocument(
    site: SiteModel | undefined,
    document: SiteDocument,
    nowMs: number,
    out: EventDraft[],
  ): void {
    if (document.site !== site?.id) return;
    const { state, type, id } = document;
    const before = this.#documents.get(id)?.document;
    if (!this.#documents.put(document, nowMs, out)) return;
    if (before !== undefined) dropExpectedUnits(this.#stock, before);
    const turn = { nowMs, at: arrivalAt(nowMs), out };
    if (state !== 'open') {
      this.#close(turn, this.#documents.close(id, state, nowMs, out));
      return;
    }
    const doubtful = type === 'receipt' ? expectUnits(this.#stock, document) : 0;
    if (doubtful === 0) return;
    const reason = `${doubtful} announced serials are booked elsewhere or of another item`;
    this.#tasks.open(turn, { document: id, reason, task: 'resolve-difference' });
  }

  /** Applies what a person asks for, or refuses it and says why. */
  takeAct(
    site: SiteModel | undefined,
    act: FloorAct,
    lease: Lease | null,
    nowMs: number,
    out: EventDraft[],
  ): ActOutcome {
    return this.#acts.take(site, { act, lease }, nowMs, out);
  }

  /**
   * Puts all that is in a zone and fits on hold, as evidence asks for it: an excursion, a recall.
   * What is on hold already stays as it is.
   */
  holdZone(turn: Turn, zone: string, of: ZoneHold): void {
    holdZone(this.#stock, turn, zone, of);
  }

  openConflicts(): OpenConflict[] {
    return this.#stock.openConflicts();
  }

  drainDirty(rows: StateRow[]): void {
    for (const part of this.#parts()) part.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    return this.#parts().some((part) => part.restore(machine, key, value));
  }

  #parts() {
    return [
      this.#stock,
      this.poster,
      this.#tasks,
      this.#documents,
      this.#units,
      this.#passages,
      this.#acts,
      this.climate,
      this.#restored,
      this.#transfers,
      this.#notices,
    ] as const;
  }

  /** Somebody ended it: what is left to ask then is the document's own difference. */
  #close(turn: Parameters<TaskBook['open']>[0], ended: readonly EndedDocument[]): void {
    for (const { document } of ended) endReconciling(this.#tasks, turn, document.id);
    this.#end(turn, ended);
  }

  #end(turn: Parameters<TaskBook['open']>[0], ended: readonly EndedDocument[]): void {
    for (const { document, isComplete } of ended) {
      dropExpectedUnits(this.#stock, document);
      if (isComplete) continue;
      const { id, zone, type } = document;
      this.#tasks.open(turn, {
        document: id,
        reason: `${type} closed beyond its tolerance`,
        task: 'resolve-difference',
        ...(zone === undefined ? {} : { zone }),
      });
    }
  }
}
