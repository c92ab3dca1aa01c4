import type { Lease } from '#contracts/acts.ts';
import type { DocumentType, SiteDocument } from '#contracts/documents.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import type { StockStatus } from '#contracts/posting.ts';

/**
 * What the floor page and the local feed read of the book: the state after the last observed entry,
 * never ahead of the journal by more than a commit. All lists are in an order of their own, cut at
 * `limit` where there is one.
 */
export interface StockView {
  /** Rows that hold something, by zone, item, lot, unit. Negative is a flagged discrepancy. */
  rows(of: StockFilter, limit: number): readonly StockViewRow[];
  /** A handling unit with all that is in it. */
  unit(unit: string): UnitView | undefined;
  /** Open documents first by expected time; closed ones are kept for 30 days. */
  documents(state?: 'open' | 'closed'): readonly DocumentSummary[];
  document(id: string): DocumentView | undefined;
  /** Open tasks, oldest first. */
  tasks(): readonly OpenTask[];
  /**
   * Goods in zones whose temperature is known, with their mean kinetic temperature since they came,
   * by zone, owner, item and lot.
   */
  lotClimate(of: LotFilter, limit: number): readonly LotClimate[];
  /** What a code or a typed text means here: EPC, unit, barcode content, item, lot, document. */
  find(text: string, limit: number): Found;
  /** Every portal: what goes through now, what its sources agreed on last, and the task left. */
  doors(): readonly DoorView[];
  /** What was seen of a unit when it was seen last, within 30 days. */
  unitSeen(unit: string): UnitSeen | undefined;
  /** What is between this gateway and others, the longest on its way first. */
  transfers(): readonly TransferView[];
  /** Whether a single thing is between this gateway and another one. */
  isOnItsWay(epc: string): boolean;
  /** How much of a lease's limits was used, in base units and minor units of value. */
  leaseUse(lease: Lease): LeaseUsed;
}

/** What goes through a portal now, as each source has it so far; a counter knows no direction. */
export interface DoorPassing {
  readonly direction: 'in' | 'out' | '';
  readonly documents: readonly string[];
  readonly startedMs: number;
  readonly lastMs: number;
  readonly sources: EventPayload<'stock.reconciled'>['sources'];
}

export interface DoorView {
  readonly portal: string;
  readonly zone: string;
  readonly passing: readonly DoorPassing[];
  readonly last?: EventPayload<'stock.reconciled'>;
  readonly task?: string;
}

/** Goods on their way to another gateway (`isOwn`) or from one, as the hub told of them. */
export interface TransferView {
  readonly transfer: string;
  readonly isOwn: boolean;
  /** The gateway at the other end, and its site. */
  readonly other: string;
  readonly site: string;
  readonly sentMs: number;
  readonly toZone?: string;
  readonly lines: readonly TransferViewLine[];
}

export interface TransferViewLine extends UnitGoods {
  /** The outermost unit that they are in. */
  readonly unit?: string;
  /** Of `quantity`, so many are still on their way. */
  readonly left: number;
  /** Single things by name that are; at most 100. */
  readonly serials: readonly string[];
}

/** So many of the unit's serials were seen at a portal or in a zone. */
export interface UnitSeen {
  readonly seen: number;
  readonly of: number;
  readonly place: string;
  readonly atMs: number;
  /** Serials that were not; at most 100. */
  readonly unread: readonly string[];
}

export interface LeaseUsed {
  readonly units: number;
  readonly valueMinor: number;
}

export interface StockFilter {
  readonly zone?: string;
  readonly item?: string;
  readonly unit?: string;
}

export interface LotFilter {
  readonly zone?: string;
  readonly item?: string;
  readonly lot?: string;
}

export interface LotClimate {
  readonly zone: string;
  readonly owner: string;
  readonly item: string;
  readonly lot?: string;
  readonly quantity: number;
  readonly sinceMs: number;
  /** So much of the time since then is a temperature known of. */
  readonly coveredMs: number;
  /** Thousandths of a °C; absent while no temperature is known. */
  readonly meanKineticMilliC?: number;
}

export interface StockViewRow {
  readonly zone: string;
  readonly status: StockStatus;
  readonly owner: string;
  readonly item: string;
  readonly lot?: string;
  readonly handlingUnit?: string;
  readonly quantity: number;
}

export interface UnitView {
  readonly unit: string;
  readonly parent?: string;
  /** The zone of the outermost unit; absent: expected, or gone. */
  readonly zone?: string;
  readonly state: 'expected' | 'here' | 'gone';
  readonly document?: string;
  readonly serials: readonly string[];
  /** What is directly in it, serials included. */
  readonly goods: readonly UnitGoods[];
  readonly units: readonly UnitView[];
}

export interface UnitGoods {
  readonly owner: string;
  readonly item: string;
  readonly lot?: string;
  readonly quantity: number;
}

export interface DocumentSummary {
  readonly id: string;
  readonly type: DocumentType;
  readonly version: number;
  readonly state: 'open' | 'closed';
  readonly partner?: string;
  readonly expectedAtMs?: number;
  readonly zone?: string;
  readonly expected: number;
  readonly seen: number;
  /** Every line has what it expects, and none more than it may. */
  readonly isComplete: boolean;
}

export interface DocumentView extends DocumentSummary {
  readonly document: SiteDocument;
  /** Base units seen by line number; a line that nothing was seen of is there with 0. */
  readonly seenByLine: ReadonlyMap<number, number>;
}

/** A task as it was opened, with its id. */
export type OpenTask = EventPayload<'task.opened'> & {
  readonly id: string;
  readonly openedAtMs: number;
};

export interface Found {
  readonly rows: readonly StockViewRow[];
  readonly serials: readonly FoundSerial[];
  readonly units: readonly UnitView[];
  readonly documents: readonly DocumentSummary[];
}

export interface FoundSerial {
  readonly epc: string;
  readonly item: string;
  /** Where the book has it. */
  readonly zone?: string;
  readonly status?: StockStatus;
  readonly unit?: string;
  /** Where readers have it present, if they do. */
  readonly seenIn?: string;
}
