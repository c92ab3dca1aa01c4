import { actTypes, floorAct, type ActOutcome, type FloorAct, type Lease } from '#contracts/acts.ts';
import { assert } from '#contracts/assert.ts';
import { siteDocument, type SiteDocument } from '#contracts/documents.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import { eventKinds, isPostingKind } from '#contracts/event-kinds.ts';
import { checkBalanced, type PostingLine } from '#contracts/posting.ts';
import { validate } from '#contracts/validate.ts';
import { encodeSgtin96, encodeSscc96 } from '../../../devices/epc/encode-epc.ts';
import type { SiteConfig } from '../../config/gateway-config.ts';
import type { IntakeBody } from '../../intake/intake-entry.ts';
import type { DraftItem } from '../../journal/seal.ts';
import { restoreObserver, type Observer, type StateRow } from '../../observe/observer.ts';
import { configBody, startMs, testSite, zebraBody } from '../../observe/testing/test-site.ts';

/** A site that keeps stock in every way, and everything that can happen to it, one entry at a time. */
export const gtin = '80614141123458';
export const bulkItem = 'screw-m4';
export const lotItem = 'milk-1l';
export const pallet = 'sscc:106141411234567897';
export const zones = ['receiving', 'storage', 'shipping'] as const;

export const stockSite: SiteConfig = {
  ...testSite,
  posting: {
    ...testSite.posting,
    documentRequired: { ship: false },
    settleMs: 5000,
    unitQuorumPermille: 600,
  },
  items: [
    { item: bulkItem, tracking: 'bulk', countTolerance: 2, unitValueMinor: 5 },
    { item: lotItem, tracking: 'lot', unitValueMinor: 100 },
    { item: gtin, tracking: 'serial' },
  ],
};

/** The same with a conveyor's counter at the dock. */
export const countedSite: SiteConfig = {
  ...stockSite,
  portals: [
    {
      id: 'dock-1',
      zone: 'receiving',
      counter: { device: 'belt', counter: 'parts', counts: 'items' },
    },
  ],
};

/** SGTIN-96 of `gtin`. */
export function serial(number: number): string {
  return encodeSgtin96({ companyPrefix: '0614141', itemReference: '812345', serial: number });
}

/** The tag of `pallet`. */
export const palletTag = encodeSscc96({ companyPrefix: '0614141', serialReference: '1123456789' });

export const fullLease: Lease = {
  id: 'lease-1',
  person: 'p-1',
  may: [...actTypes],
  validFromMs: startMs - 1000,
  validUntilMs: startMs + 365 * 24 * 3_600_000,
  limitPerEntry: 100,
  limitCumulative: 200,
};

/** An act without what every act has. */
export type Asked = FloorAct extends infer A
  ? A extends FloorAct
    ? Omit<A, 'id' | 'person'>
    : never
  : never;

export function asn(
  over: Partial<SiteDocument> & { serials?: readonly string[] } = {},
): SiteDocument {
  const { serials = [], ...rest } = over;
  return {
    type: 'receipt',
    id: 'ASN-7',
    version: 1,
    site: 'leeds',
    state: 'open',
    tolerance: { overPermille: 100, underPermille: 0 },
    lines: [{ line: 1, item: gtin, quantity: Math.max(1, serials.length) }],
    ...(serials.length === 0
      ? {}
      : {
          units: [
            {
              unit: pallet,
              contents: [{ line: 1, quantity: serials.length, serials: [...serials] }],
            },
          ],
        }),
    ...rest,
  };
}

export class StockRig {
  readonly drafts: EventDraft[] = [];
  /** The same, as the journal takes them. */
  readonly items: DraftItem[] = [];
  #observer: Observer;
  readonly #rows = new Map<string, StateRow>();
  #pos = 0;
  #nowMs = startMs;
  #acts = 0;
  #reads = 0;

  /** @param rows what a gateway before left */
  constructor(site: SiteConfig = stockSite, rows: readonly StateRow[] = []) {
    for (const row of rows) this.#rows.set(`${row.machine}\n${row.key}`, row);
    this.#observer = restoreObserver(rows);
    this.take(configBody(site));
  }

  /** What is stored of a machine now. */
  stateRows(machine: string): string[] {
    this.#store();
    return [...this.#rows.values()].flatMap((row) =>
      row.machine === machine && row.value !== null ? [row.value] : [],
    );
  }

  get stock() {
    return this.#observer.stock;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Steps over an entry; every draft fits its kind, and what posts balances. */
  take(body: IntakeBody, afterMs = 1000): EventDraft[] {
    return this.#step(body, afterMs).drafts;
  }

  /** What became of an act, and what was said. */
  act(asked: Asked, lease: Lease | null = fullLease, person = lease?.person ?? 'p-1') {
    this.#acts += 1;
    const act = { ...asked, id: `act-${String(this.#acts).padStart(5, '0')}`, person };
    return { act, ...this.send(act, lease) };
  }

  send(
    act: FloorAct,
    lease: Lease | null,
    afterMs = 1000,
  ): { outcome: ActOutcome; drafts: EventDraft[] } {
    const checked = validate(floorAct, act);
    assert(checked.ok, `the act is none: ${checked.ok ? '' : checked.refusal.message}`);
    const { drafts, outcome } = this.#step({ type: 'act', act, lease }, afterMs);
    assert(outcome !== undefined, 'an act has an outcome');
    return { outcome, drafts };
  }

  document(document: SiteDocument): EventDraft[] {
    const checked = validate(siteDocument, document);
    assert(checked.ok, `the document is none: ${checked.ok ? '' : checked.refusal.message}`);
    return this.take({ type: 'document', origin: 'rest', document });
  }

  /** Tags go through the dock, one after the other. */
  pass(epcs: readonly string[], direction: 'in' | 'out', reads = 6): EventDraft[] {
    const said: EventDraft[] = [];
    const [first, second] = direction === 'in' ? [1, 2] : [2, 1];
    for (const epc of epcs) {
      for (const antenna of [first, second]) {
        this.#reads += 1;
        const of = { epc, antenna, reads, number: this.#reads, atMs: this.#nowMs };
        said.push(...this.take(zebraBody(of), 20));
      }
    }
    return said;
  }

  /** Nothing happens for so long. */
  wait(ms: number): EventDraft[] {
    const said: EventDraft[] = [];
    for (let passed = 0; passed < ms; passed += 1000) said.push(...this.take({ type: 'tick' }));
    return said;
  }

  /** A crash between two entries: all that is left are the rows. */
  restart(): void {
    this.#store();
    this.#observer = restoreObserver([...this.#rows.values()].reverse());
  }

  #store(): void {
    for (const row of this.#observer.takeDirty()) {
      this.#rows.set(`${row.machine}\n${row.key}`, row);
    }
  }

  #step(body: IntakeBody, afterMs: number) {
    this.#pos += 1;
    this.#nowMs += afterMs;
    const step = this.#observer.step({ pos: this.#pos, receivedAtMs: this.#nowMs, body });
    for (const draft of step.drafts) checkSound(draft);
    this.drafts.push(...step.drafts);
    const of = { pos: this.#pos, receivedAtMs: this.#nowMs };
    step.drafts.forEach((draft, index) => this.items.push({ ...of, index, draft }));
    return { drafts: [...step.drafts], outcome: step.outcome };
  }
}

function checkSound({ kind, payload }: EventDraft): void {
  const checked = validate(eventKinds[kind].payload, payload);
  assert(checked.ok, `${kind}: ${checked.ok ? '' : checked.refusal.message}`);
  const lines = linesOf({ kind, payload });
  if (isPostingKind(kind)) assert(checkBalanced(lines).ok, `${kind} balances`);
}

export function linesOf({ kind, payload }: Pick<EventDraft, 'kind' | 'payload'>) {
  return isPostingKind(kind) ? (payload as { lines: PostingLine[] }).lines : [];
}

export function kindsOf(drafts: readonly EventDraft[]): string[] {
  return drafts.map(({ kind }) => kind);
}
