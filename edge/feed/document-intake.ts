import { setTimeout as wait } from 'node:timers/promises';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { SiteDocument } from '#contracts/documents.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import type { FaultCode } from '#contracts/fault-codes.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import type { EntryOutcome } from '../pipeline.ts';
import type { StockView } from '../stock/stock-view.ts';
import { documentFaults, type DocumentFault, type DocumentPlace } from './document-faults.ts';

/** What became of one document. `known`: this version is here; `superseded`: a later one is. */
export interface TakenDocument {
  readonly id: string;
  readonly version: number;
  readonly state: 'taken' | 'known' | 'superseded';
}

export type DocumentsOutcome =
  | { readonly ok: true; readonly documents: readonly TakenDocument[] }
  | {
      readonly ok: false;
      readonly code: Extract<FaultCode, 'BAD_INPUT' | 'CONFLICT' | 'UNAVAILABLE'>;
      readonly message: string;
      readonly faults: readonly DocumentFault[];
    };

export interface DocumentIntakeOptions {
  /** As the configuration has it now. */
  readonly place: () => DocumentPlace;
  readonly stock: Pick<StockView, 'document'>;
  /** The pipeline's. */
  readonly submit: (body: IntakeBody, atMs: number) => Promise<EntryOutcome>;
  readonly isHeld: () => boolean;
  /** Trusted time. */
  readonly clock: Clock;
  /** Not on disk after this long: whoever sent it is to send it again. */
  readonly timeoutMs?: number;
}

const maxDocuments = 100;
/** A text in UTF-8. */
export const maxDocumentBytes = 1_048_576;
const defaultTimeoutMs = 15_000;

/**
 * Takes documents of a warehouse system: one, or a list. All of them are looked through before any
 * is taken, and each goes through the intake log under its id and version, so that sending them
 * again changes nothing.
 */
export class DocumentIntake {
  readonly #options: DocumentIntakeOptions;
  /** By document id: what is being taken last; it never fails. */
  readonly #taking = new Map<string, Promise<unknown>>();

  constructor(options: DocumentIntakeOptions) {
    this.#options = options;
  }

  /** Resolves when all of them are on disk and in the journal, or none was begun. */
  async take(text: string, origin: 'rest' | 'file'): Promise<DocumentsOutcome> {
    const read = readList(text);
    if (!read.ok) return refused('BAD_INPUT', [{ path: '', remedy: read.remedy }]);
    const { list, isOne } = read;
    const place = this.#options.place();
    const faults = list.flatMap((value, index) => {
      const found = documentFaults(value, place);
      return isOne ? found : found.map((fault) => within(index, fault));
    });
    if (faults.length > 0) return refused('BAD_INPUT', faults);
    const documents = list as SiteDocument[];
    const twice = repeated(documents);
    if (twice.length > 0) return refused('BAD_INPUT', twice);
    return await this.#inTurn(documents, async () => {
      const conflicts = this.#conflicts(documents, isOne);
      if (conflicts.length > 0) return refused('CONFLICT', conflicts);
      return await this.#submit(documents, origin, isOne);
    });
  }

  /** One after the other what names the same document: each is compared with what was taken. */
  async #inTurn<T>(documents: readonly SiteDocument[], take: () => Promise<T>): Promise<T> {
    const ids = documents.map(({ id }) => id);
    const before = Promise.all(ids.map(async (id) => await this.#taking.get(id)));
    const taken = before.then(take);
    const settled = taken.catch(() => {});
    for (const id of ids) this.#taking.set(id, settled);
    try {
      return await taken;
    } finally {
      for (const id of ids) if (this.#taking.get(id) === settled) this.#taking.delete(id);
    }
  }

  #conflicts(documents: readonly SiteDocument[], isOne: boolean): DocumentFault[] {
    return documents.flatMap((one, index) => this.#conflict(one, isOne ? '' : index));
  }

  /** The same version with another content: one of the two would be lost. */
  #conflict(document: SiteDocument, at: number | ''): DocumentFault[] {
    const known = this.#options.stock.document(document.id)?.document;
    if (known?.version !== document.version) return [];
    if (encodeCanonical({ ...known }) === encodeCanonical({ ...document })) return [];
    const path = at === '' ? 'version' : `[${at}].version`;
    const remedy = 'raise the version: this one is here with another content';
    return [{ path, value: document.version, remedy }];
  }

  async #submit(
    documents: readonly SiteDocument[],
    origin: 'rest' | 'file',
    isOne: boolean,
  ): Promise<DocumentsOutcome> {
    const { clock, isHeld, submit, timeoutMs = defaultTimeoutMs } = this.#options;
    if (isHeld()) return unavailable('the gateway has no room');
    const atMs = clock.nowMs();
    const end = new AbortController();
    const taking = Promise.all(
      documents.map((document) => submit({ type: 'document', origin, document }, atMs)),
    );
    const late = wait(timeoutMs, undefined, { signal: end.signal, ref: false });
    try {
      const outcomes = await Promise.race([taking, late]);
      if (outcomes === undefined) return unavailable('it is not on disk yet');
      // One that was given up on as late may have come in between after all.
      const conflicts = this.#conflicts(documents, isOne);
      if (conflicts.length > 0) return lost(conflicts, documents.length);
      return {
        ok: true,
        documents: documents.map((one, index) => this.#taken(one, outcomes[index])),
      };
    } catch (error) {
      if (error instanceof Fault && error.code === 'UNAVAILABLE') {
        return unavailable(messageOf(error));
      }
      throw error;
    } finally {
      taking.catch(() => {});
      late.catch(() => {});
      end.abort();
    }
  }

  #taken({ id, version }: SiteDocument, outcome: EntryOutcome | undefined): TakenDocument {
    const isTaken = outcome?.drafts.some(({ kind, payload }) => {
      if (kind !== 'document.opened') return false;
      const opened = payload as EventPayload<'document.opened'>;
      return opened.document === id && opened.version === version;
    });
    if (isTaken === true) return { id, version, state: 'taken' };
    const known = this.#options.stock.document(id)?.document.version ?? version;
    return { id, version, state: known > version ? 'superseded' : 'known' };
  }
}

type List =
  | { readonly ok: true; readonly list: readonly unknown[]; readonly isOne: boolean }
  | { readonly ok: false; readonly remedy: string };

function readList(text: string): List {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return { ok: false, remedy: `send JSON: ${messageOf(error).slice(0, 200)}` };
  }
  if (!Array.isArray(value)) return { ok: true, list: [value], isOne: true };
  if (value.length > 0 && value.length <= maxDocuments) {
    return { ok: true, list: value, isOne: false };
  }
  return { ok: false, remedy: `send 1 to ${maxDocuments} documents at a time` };
}

function within(index: number, fault: DocumentFault): DocumentFault {
  const { path } = fault;
  return { ...fault, path: path === '' ? `[${index}]` : `[${index}].${path}` };
}

function repeated(documents: readonly SiteDocument[]): DocumentFault[] {
  const seen = new Set<string>();
  return documents.flatMap(({ id }, index) => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [{ path: `[${index}].id`, value: id, remedy: 'send a document once in a list' }];
  });
}

function refused(
  code: 'BAD_INPUT' | 'CONFLICT',
  faults: readonly DocumentFault[],
): DocumentsOutcome {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return { ok: false, code, message: `nothing was taken: ${count}`, faults };
}

/** Another content came first while these were on their way. */
function lost(faults: readonly DocumentFault[], of: number): DocumentsOutcome {
  const message =
    of === 1 ? 'it was not taken: one fault' : `${faults.length} of ${of} were not taken`;
  return { ok: false, code: 'CONFLICT', message, faults };
}

function unavailable(reason: string): DocumentsOutcome {
  return { ok: false, code: 'UNAVAILABLE', message: `${reason}: send it again later`, faults: [] };
}
