import type {
  FloorCountSheet,
  FloorDocument,
  FloorDocumentRow,
  FloorFound,
  FloorStockRow,
  FloorUnit,
} from '#contracts/api/floor-api.ts';
import type { FloorDoor } from '#contracts/api/floor-doors-api.ts';
import type { FloorTransfer } from '#contracts/api/floor-transfers-api.ts';
import { defaultOwner } from '#contracts/ids.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { readCode } from '../../devices/gs1/read-code.ts';
import type { ItemPolicy } from '../config/gateway-config.ts';
import { lineBounds, serialsOf } from '../documents/document-state.ts';
import { sgtinCandidates } from '../stock/epc-candidates.ts';
import type {
  DocumentSummary,
  DocumentView,
  DoorView,
  StockView,
  StockViewRow,
  TransferView,
  UnitView,
} from '../stock/stock-view.ts';
import { unitOfCode, unitOfEpc } from '../stock/unit-id.ts';

/** The book in the words of the floor page: what is not there is null, what is covered too. */
export interface ShownTo {
  readonly stock: StockView;
  readonly items: ReadonlyMap<string, ItemPolicy>;
  readonly isCovered: (zone: string) => boolean;
  readonly isUnsure: (zone: string) => boolean;
}

type Expected = FloorFound['expectedOn'][number];

export function shownRow({ isCovered, isUnsure }: ShownTo, row: StockViewRow): FloorStockRow {
  const { zone, status, owner, item, lot = null, handlingUnit = null } = row;
  const quantity = isCovered(zone) ? null : row.quantity;
  const unsure = isUnsure(zone) ? { unsure: true as const } : {};
  return { zone, status, owner, item, lot, handlingUnit, quantity, ...unsure };
}

function shownUnit(to: ShownTo, unit: UnitView): FloorUnit {
  const isCovered = unit.zone !== undefined && to.isCovered(unit.zone);
  const one = ({ goods, serials, ...of }: UnitView) => ({
    unit: of.unit,
    parent: of.parent ?? null,
    zone: of.zone ?? null,
    state: of.state,
    document: of.document ?? null,
    serials: isCovered ? [] : [...serials],
    goods: goods.map(({ owner, item, lot = null, quantity }) => {
      return { owner, item, lot, quantity: isCovered ? null : quantity };
    }),
  });
  const within = (of: UnitView): UnitView[] =>
    of.units.flatMap((inner) => [inner, ...within(inner)]);
  const last = isCovered ? undefined : to.stock.unitSeen(unit.unit);
  const seen = last === undefined ? null : { ...last, unread: [...last.unread] };
  return { ...one(unit), seen, within: within(unit).map(one) };
}

/** A task that somebody settled meanwhile is none any more. */
export function shownDoor(stock: StockView, of: DoorView): FloorDoor {
  const { portal, zone, passing, last, task } = of;
  const isOpen = stock.tasks().some(({ id }) => id === task);
  return {
    portal,
    zone,
    passing: passing.map(({ direction, documents, startedMs, lastMs, sources }) => ({
      direction: direction === '' ? null : direction,
      documents: [...documents],
      startedAtMs: startedMs,
      lastAtMs: lastMs,
      sources,
    })),
    last: last ?? null,
    task: task !== undefined && isOpen ? task : null,
  };
}

/** @param lateMs what was sent before it should have arrived by now */
export function shownTransfer(of: TransferView, lateMs: number): FloorTransfer {
  const { isOwn, lines, other, sentMs: sentAtMs, site, toZone = null, transfer } = of;
  return {
    transfer,
    isOwn,
    other,
    site,
    sentAtMs,
    isLate: sentAtMs < lateMs,
    toZone,
    lines: lines.map(({ lot = null, serials, unit = null, ...line }) => {
      return { ...line, lot, unit, serials: [...serials] };
    }),
  };
}

/** How much of it came says how much must lie in its zone. */
export function shownDocument(
  { isCovered }: Pick<ShownTo, 'isCovered'>,
  of: DocumentSummary,
): FloorDocumentRow {
  const { id, type, version, state, partner = null, expectedAtMs = null, zone = null } = of;
  const { expected } = of;
  const isHidden = zone !== null && isCovered(zone);
  const [seen, complete] = isHidden ? [null, null] : [of.seen, of.isComplete];
  return { id, type, version, state, partner, expectedAtMs, zone, expected, seen, complete };
}

/** A document with its lines: what is expected, what was seen, what it still takes. */
export function documentShown(
  to: Omit<ShownTo, 'isUnsure'>,
  view: DocumentView,
): Omit<FloorDocument, 'asOfMs'> {
  const { document, seenByLine } = view;
  const isCovered = document.zone !== undefined && to.isCovered(document.zone);
  return {
    ...shownDocument(to, view),
    lines: document.lines.map((line) => {
      const seen = seenByLine.get(line.line) ?? 0;
      return {
        line: line.line,
        item: line.item,
        lot: line.lot ?? null,
        owner: line.owner ?? defaultOwner,
        tracking: to.items.get(line.item)?.tracking ?? null,
        expected: line.quantity,
        seen: isCovered ? null : seen,
        room: isCovered ? null : Math.max(0, lineBounds(document, line).most - seen),
        serials: [...(line.serials ?? [])],
      };
    }),
    units: (document.units ?? []).map(({ unit, parent = null }) => {
      const known = to.stock.unit(unit);
      return { unit, parent, state: known?.state ?? 'expected', zone: known?.zone ?? null };
    }),
  };
}

/** What is known to lie in a zone, without how much. */
export function countLines(
  { stock, items }: ShownTo,
  zone: string,
  item: string | undefined,
  limit: number,
): FloorCountSheet['lines'] {
  const lines = new Map<string, FloorCountSheet['lines'][number]>();
  for (const row of stock.rows({ zone, ...(item === undefined ? {} : { item }) }, limit)) {
    const { owner, lot = null, handlingUnit = null } = row;
    const tracking = items.get(row.item)?.tracking ?? null;
    const key = `${row.item}\n${lot}\n${owner}\n${handlingUnit}`;
    lines.set(key, { item: row.item, lot, owner, handlingUnit, tracking });
  }
  return [...lines.values()];
}

/** What a scanned or typed text means here. */
export function found(
  to: ShownTo,
  text: string,
  limit: number,
  nowMs: number,
): Omit<FloorFound, 'asOfMs'> {
  const trimmed = text.trim();
  const code = readCode(trimmed, { scannedAtMs: nowMs });
  const tag = /^[0-9A-Fa-f]+$/.test(trimmed) ? decodeEpc(trimmed) : undefined;
  const { rows, serials, units, documents } = to.stock.find(trimmed, limit);
  const epc = tag !== undefined && tag.scheme !== 'unknown' ? trimmed.toUpperCase() : undefined;
  const isOwn = to.items.has(trimmed);
  const gtin = tag?.scheme === 'sgtin' ? tag.gtin14 : isOwn ? undefined : code.gtin;
  const isKnown = isOwn || rows.some((row) => row.item === trimmed);
  const item = gtin ?? (isKnown || isOnDocument(to, trimmed) ? trimmed : undefined);
  const named = (tag && unitOfEpc(tag)) ?? unitOfCode(code) ?? units[0]?.unit;
  return {
    code,
    epc: epc ?? serials[0]?.epc ?? announcedSerial(to.stock, code.gtin, code.serial) ?? null,
    item: item === undefined ? null : { item, tracking: to.items.get(item)?.tracking ?? null },
    lot: code.lot ?? null,
    unit: named ?? null,
    rows: rows.map((row) => shownRow(to, row)),
    serials: serials.map(({ zone = null, status = null, unit = null, seenIn = null, ...of }) => {
      return { epc: of.epc, item: of.item, zone, status, unit, seenIn };
    }),
    units: units.map((unit) => shownUnit(to, unit)),
    documents: documents.map((one) => shownDocument(to, one)),
    expectedOn: item === undefined ? [] : expectedOn(to, item).slice(0, limit),
  };
}

function openDocuments(stock: StockView): DocumentView[] {
  return stock.documents('open').flatMap(({ id }) => stock.document(id) ?? []);
}

function isOnDocument(to: ShownTo, item: string): boolean {
  return expectedOn(to, item).length > 0;
}

function expectedOn({ isCovered, stock }: ShownTo, item: string): Expected[] {
  return openDocuments(stock).flatMap(({ id, type, document, seenByLine }) =>
    document.lines.flatMap((line): Expected[] => {
      const seen = seenByLine.get(line.line) ?? 0;
      const room = lineBounds(document, line).most - seen;
      if (line.item !== item || room <= 0) return [];
      const { lot = null, owner = defaultOwner, quantity: expected } = line;
      const of = { document: id, type, line: line.line, lot, owner, expected };
      const isHidden = document.zone !== undefined && isCovered(document.zone);
      return [{ ...of, seen: isHidden ? null : seen, room: isHidden ? null : room }];
    }),
  );
}

/**
 * Of the EPCs that a GTIN and serial may stand for, the one that an open document names or that is
 * on its way between gateways.
 */
function announcedSerial(stock: StockView, gtin?: string, serial?: string): string | undefined {
  if (gtin === undefined || serial === undefined) return undefined;
  const candidates = new Set(sgtinCandidates(gtin, serial));
  for (const { document } of openDocuments(stock)) {
    for (const [epc] of serialsOf(document)) if (candidates.has(epc)) return epc;
  }
  return [...candidates].find((epc) => stock.isOnItsWay(epc));
}
