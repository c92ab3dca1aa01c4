import type { DocumentLine, DocumentType, SiteDocument } from '#contracts/documents.ts';
import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import type { ActReference, DocumentReference } from '#contracts/goods.ts';
import { defaultOwner } from '#contracts/ids.ts';
import { Expiry } from '../observe/expiry.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import { arrivalAt, momentFields } from '../observe/moment.ts';
import type { StateRow } from '../observe/state-row.ts';
import type { GoodsKind } from '../stock/bin.ts';
import type { DocumentSummary, DocumentView } from '../stock/stock-view.ts';
import {
  expectedOf,
  isSameGoods,
  lineBounds,
  serialsOf,
  type DocumentState,
} from './document-state.ts';

type ClosedReason = EventPayload<'document.closed'>['reason'];
type LineProgress = EventPayload<'document.closed'>['lines'][number];

/** A document that ended, and what differs where that is beyond its tolerance. */
export interface EndedDocument {
  readonly document: SiteDocument;
  readonly isComplete: boolean;
}

/** Progress is said together, at most this often. */
export const sayEveryMs = 10_000;
/** Closed documents are shown for this long. */
const keepClosedMs = 30 * 24 * 3_600_000;

/** What is expected to come and go, how much of it was seen, and when that is complete. */
export class DocumentBook {
  readonly #documents = new KeyedStore<DocumentState>('document');
  /** `document \n line` → base units seen. */
  readonly #seen = new KeyedStore<number>('document-line');
  /** Documents with progress to say: when it is due, and the lines. */
  readonly #unsaid = new KeyedStore<readonly [dueMs: number, lines: readonly number[]]>(
    'document-said',
  );
  readonly #expiry = new Expiry(60_000);
  readonly #open = new Set<string>();
  /** `type \n EPC` → the open documents that name it, with the line. */
  readonly #bySerial = new Map<string, Map<string, number>>();
  /** Of an open document, how many things each line names by their serials. */
  readonly #named = new Map<string, ReadonlyMap<number, number>>();
  /** `type \n item` → the open documents with such a line. */
  readonly #byItem = new Map<string, Set<string>>();

  get(id: string): DocumentState | undefined {
    return this.#documents.get(id);
  }

  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  seenOf(id: string, line: number): number {
    return this.#seen.get(`${id}\n${line}`) ?? 0;
  }

  /**
   * Takes a version of a document; a later one opens again what was closed.
   *
   * @returns false for one that is known or older: nothing changes.
   */
  put(document: SiteDocument, nowMs: number, out: EventDraft[]): boolean {
    const { id, version, type } = document;
    const before = this.#documents.get(id);
    if (before !== undefined && before.document.version >= version) return false;
    if (this.#open.has(id)) this.#unindex(id);
    const lines = new Map(document.lines.map((line) => [line.line, line]));
    for (const line of before?.document.lines ?? []) {
      const now = lines.get(line.line);
      if (now === undefined || !isSameGoods(line, now)) {
        this.#seen.set(`${id}\n${line.line}`, undefined);
      }
    }
    this.#documents.set(id, { closedMs: 0, document });
    this.#index(id);
    const { expectedAtMs } = document;
    const payload = {
      document: id,
      expected: expectedOf(document),
      ...(expectedAtMs === undefined ? {} : { expectedAt: expectedAtMs }),
      lines: document.lines.length,
      type,
      version,
    };
    out.push(draft('document.opened', payload, momentFields(arrivalAt(nowMs))));
    return true;
  }

  /** An open document that names this handling unit; the earliest expected one of several. */
  ofUnit(type: DocumentType, unit: string): SiteDocument | undefined {
    const ids = [...this.#open].filter((id) => {
      const document = this.#documents.get(id)?.document;
      return document?.type === type && document.units?.some((one) => one.unit === unit);
    });
    const id = this.#earliest(ids);
    return id === undefined ? undefined : this.#documents.get(id)?.document;
  }

  /** The open document and line that name this serial; the earliest expected one of several. */
  lineOfSerial(type: DocumentType, epc: string): DocumentReference | undefined {
    const ids = this.#bySerial.get(`${type}\n${epc}`);
    if (ids === undefined) return undefined;
    const id = this.#earliest(ids.keys());
    return id === undefined ? undefined : { id, line: ids.get(id) ?? 1 };
  }

  /**
   * An open document with a line of this kind that still expects something, for goods that it does
   * not name: a line that names all of its things expects no other.
   */
  lineOfGoods(type: DocumentType, kind: GoodsKind): DocumentReference | undefined {
    const found = new Map<string, number>();
    for (const id of this.#byItem.get(`${type}\n${kind.item}`) ?? []) {
      const lines = this.#documents.get(id)?.document.lines ?? [];
      const line = lines.find((one) => {
        const isOpen = this.seenOf(id, one.line) < one.quantity;
        return isOpen && fits(one, kind) && !this.#namesAll(id, one);
      });
      if (line !== undefined) found.set(id, line.line);
    }
    const id = this.#earliest(found.keys());
    return id === undefined ? undefined : { id, line: found.get(id) ?? 1 };
  }

  /**
   * The line of one document for a kind of goods: the one that is named, else the first with room,
   * else the first that fits.
   */
  lineOn(id: string, kind: GoodsKind, line?: number): DocumentLine | undefined {
    const lines = this.#documents.get(id)?.document.lines ?? [];
    const fitting = lines.filter((one) => fits(one, kind) && (line ?? one.line) === one.line);
    return fitting.find((one) => this.seenOf(id, one.line) < one.quantity) ?? fitting[0];
  }

  /** Whether this thing can be of that line: one that names all of its things expects no other. */
  takes(id: string, line: DocumentLine, epc: string): boolean {
    if (!this.#namesAll(id, line)) return true;
    const type = this.#documents.get(id)?.document.type ?? 'receipt';
    return this.#bySerial.get(`${type}\n${epc}`)?.get(id) === line.line;
  }

  /** How much more a line takes within the document's tolerance. */
  roomOn(id: string, line: DocumentLine): number {
    const document = this.#documents.get(id)?.document;
    return document === undefined
      ? 0
      : lineBounds(document, line).most - this.seenOf(id, line.line);
  }

  /** So much of a line came or went. @returns whether that is beyond its tolerance. */
  progress({ id, line }: DocumentReference, quantity: number, nowMs: number): boolean {
    const state = this.#documents.get(id);
    const of = state?.document.lines.find((one) => one.line === line);
    if (state === undefined || of === undefined || quantity === 0) return false;
    const seen = this.seenOf(id, of.line) + quantity;
    this.#seen.set(`${id}\n${of.line}`, seen);
    const [dueMs, lines] = this.#unsaid.get(id) ?? [nowMs + sayEveryMs, []];
    if (!lines.includes(of.line)) {
      this.#unsaid.set(id, [dueMs, [...lines, of.line].sort((a, b) => a - b)]);
    }
    return seen > lineBounds(state.document, of).most;
  }

  /** Says progress that is due; a document that has all it expects is closed. */
  tick(nowMs: number, out: EventDraft[]): EndedDocument[] {
    const ended: EndedDocument[] = [];
    for (const [id, [dueMs]] of [...this.#unsaid.entries()].sort(byKey)) {
      if (dueMs > nowMs) continue;
      this.#sayProgress(id, nowMs, out);
      if (this.#hasAll(id)) ended.push(...this.close(id, 'complete', nowMs, out));
    }
    for (const id of this.#expiry.take(nowMs, this.#dueOf)) this.#forget(id);
    return ended;
  }

  /** @returns the document, if it was open. */
  close(
    id: string,
    reason: ClosedReason,
    nowMs: number,
    out: EventDraft[],
    by?: ActReference,
  ): EndedDocument[] {
    const document = this.#documents.get(id)?.document;
    if (document === undefined || !this.#open.has(id)) return [];
    this.#unindex(id);
    this.#unsaid.set(id, undefined);
    this.#documents.set(id, { closedMs: nowMs, document });
    this.#expiry.add(id, nowMs + keepClosedMs);
    const lines = document.lines.filter((line) => this.seenOf(id, line.line) !== line.quantity);
    const isComplete = lines.every((line) => {
      const { least, most } = lineBounds(document, line);
      const seen = this.seenOf(id, line.line);
      return seen >= least && seen <= most;
    });
    const payload = {
      ...(by === undefined ? {} : { by }),
      complete: isComplete,
      document: id,
      expected: expectedOf(document),
      lines: lines.map((line) => this.#progressOf(id, line)),
      reason,
      seen: this.#seenInAll(document),
      type: document.type,
      version: document.version,
    };
    out.push(draft('document.closed', payload, momentFields(arrivalAt(nowMs))));
    return [{ document, isComplete: isComplete || reason === 'cancelled' }];
  }

  /** Open ones first by expected time, then by id. */
  summaries(): DocumentSummary[] {
    return [...this.#documents.entries()]
      .map(([, state]) => this.#summaryOf(state))
      .sort(byExpected);
  }

  view(id: string): DocumentView | undefined {
    const state = this.#documents.get(id);
    if (state === undefined) return undefined;
    const { document } = state;
    const seenByLine = new Map(document.lines.map(({ line }) => [line, this.seenOf(id, line)]));
    return { ...this.#summaryOf(state), document, seenByLine };
  }

  drainDirty(rows: StateRow[]): void {
    for (const store of [this.#documents, this.#seen, this.#unsaid]) store.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === this.#documents.machine) {
      this.#documents.restore(key, value);
      if (this.#documents.get(key)?.closedMs === 0) this.#index(key);
      else this.#expiry.add(key, this.#dueOf(key) ?? 0);
    } else if (machine === this.#seen.machine) this.#seen.restore(key, value);
    else if (machine === this.#unsaid.machine) this.#unsaid.restore(key, value);
    else return false;
    return true;
  }

  #sayProgress(id: string, nowMs: number, out: EventDraft[]): void {
    const document = this.#documents.get(id)?.document;
    const [, changed] = this.#unsaid.get(id) ?? [0, []];
    this.#unsaid.set(id, undefined);
    if (document === undefined) return;
    const lines = document.lines.filter(({ line }) => changed.includes(line));
    const payload = {
      document: id,
      expected: expectedOf(document),
      lines: lines.map((line) => this.#progressOf(id, line)),
      seen: this.#seenInAll(document),
      type: document.type,
      version: document.version,
    };
    out.push(draft('document.progressed', payload, momentFields(arrivalAt(nowMs))));
  }

  #progressOf(id: string, { line, quantity: expected }: DocumentLine): LineProgress {
    return { expected, line, seen: this.seenOf(id, line) };
  }

  #namesAll(id: string, { line, quantity }: DocumentLine): boolean {
    return (this.#named.get(id)?.get(line) ?? 0) >= quantity;
  }

  #hasAll(id: string): boolean {
    const lines = this.#documents.get(id)?.document.lines ?? [];
    return this.#open.has(id) && lines.every((one) => this.seenOf(id, one.line) >= one.quantity);
  }

  #seenInAll({ id, lines }: SiteDocument): number {
    return lines.reduce((sum, { line }) => sum + this.seenOf(id, line), 0);
  }

  #summaryOf({ document, closedMs }: DocumentState): DocumentSummary {
    const { id, type, version, partner, expectedAtMs, zone } = document;
    return {
      id,
      type,
      version,
      state: closedMs === 0 ? 'open' : 'closed',
      ...(partner === undefined ? {} : { partner }),
      ...(expectedAtMs === undefined ? {} : { expectedAtMs }),
      ...(zone === undefined ? {} : { zone }),
      expected: expectedOf(document),
      seen: this.#seenInAll(document),
      isComplete: document.lines.every((line) => {
        const seen = this.seenOf(id, line.line);
        return seen >= line.quantity && seen <= lineBounds(document, line).most;
      }),
    };
  }

  #earliest(ids: Iterable<string>): string | undefined {
    const [first] = [...ids].sort((a, b) => this.#dueMs(a) - this.#dueMs(b) || (a < b ? -1 : 1));
    return first;
  }

  #dueMs(id: string): number {
    return this.#documents.get(id)?.document.expectedAtMs ?? Number.MAX_SAFE_INTEGER;
  }

  #index(id: string): void {
    const document = this.#documents.get(id)?.document;
    if (document === undefined) return;
    this.#open.add(id);
    const { type } = document;
    const named = new Map<number, number>();
    this.#named.set(id, named);
    for (const [epc, line] of serialsOf(document)) {
      named.set(line, (named.get(line) ?? 0) + 1);
      const lines = this.#bySerial.get(`${type}\n${epc}`);
      if (lines === undefined) this.#bySerial.set(`${type}\n${epc}`, new Map([[id, line]]));
      else lines.set(id, line);
    }
    for (const { item } of document.lines) {
      const ids = this.#byItem.get(`${type}\n${item}`);
      if (ids === undefined) this.#byItem.set(`${type}\n${item}`, new Set([id]));
      else ids.add(id);
    }
  }

  #unindex(id: string): void {
    const document = this.#documents.get(id)?.document;
    if (document === undefined) return;
    this.#open.delete(id);
    this.#named.delete(id);
    const { type } = document;
    for (const [epc] of serialsOf(document)) {
      const lines = this.#bySerial.get(`${type}\n${epc}`);
      lines?.delete(id);
      if (lines?.size === 0) this.#bySerial.delete(`${type}\n${epc}`);
    }
    for (const { item } of document.lines) {
      const ids = this.#byItem.get(`${type}\n${item}`);
      ids?.delete(id);
      if (ids?.size === 0) this.#byItem.delete(`${type}\n${item}`);
    }
  }

  #forget(id: string): void {
    for (const { line } of this.#documents.get(id)?.document.lines ?? []) {
      this.#seen.set(`${id}\n${line}`, undefined);
    }
    this.#documents.set(id, undefined);
  }

  readonly #dueOf = (id: string): number | undefined => {
    const closedMs = this.#documents.get(id)?.closedMs ?? 0;
    return closedMs === 0 ? undefined : closedMs + keepClosedMs;
  };
}

function fits(line: DocumentLine, { owner, item, lot }: GoodsKind): boolean {
  const isSameLot = line.lot === undefined || lot === '' || line.lot === lot;
  return line.item === item && isSameLot && (line.owner ?? defaultOwner) === owner;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function byExpected(a: DocumentSummary, b: DocumentSummary): number {
  if (a.state !== b.state) return a.state === 'open' ? -1 : 1;
  const soonest = Number.MAX_SAFE_INTEGER;
  return (a.expectedAtMs ?? soonest) - (b.expectedAtMs ?? soonest) || (a.id < b.id ? -1 : 1);
}
