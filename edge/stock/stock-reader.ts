import type { ScannedCode } from '#contracts/kinds/scan-kinds.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { readCode } from '../../devices/gs1/read-code.ts';
import type { DocumentBook } from '../documents/document-book.ts';
import { goodsKey, type Bin, type GoodsKind } from './bin.ts';
import { sgtinCandidates } from './epc-candidates.ts';
import type { StockBook } from './stock-book.ts';
import type { LotStay } from './lot-stays.ts';
import type {
  Found,
  FoundSerial,
  LotClimate,
  LotFilter,
  StockView,
  StockViewRow,
  UnitView,
} from './stock-view.ts';
import type { TaskBook } from './task-book.ts';
import { unitOfCode, unitOfEpc } from './unit-id.ts';

interface Books {
  readonly stock: StockBook;
  readonly tasks: TaskBook;
  readonly documents: DocumentBook;
  readonly climate: Climate;
}

interface Climate {
  lots(fits: (zone: string, kind: GoodsKind) => boolean): LotStay[];
}

interface Presence {
  zoneOf(epc: string): string | undefined;
}

/** The read model over the books as they are. */
export function stockViewOf(
  books: Books,
  presence: Presence,
  {
    doors,
    isOnItsWay,
    leaseUse,
    transfers,
    unitSeen,
  }: Pick<StockView, 'doors' | 'isOnItsWay' | 'leaseUse' | 'transfers' | 'unitSeen'>,
): StockView {
  const { stock, tasks, documents, climate } = books;
  return {
    rows: ({ zone, item, unit }, limit) => {
      const fits = (bin: Bin): boolean =>
        (zone === undefined || bin.zone === zone) &&
        (item === undefined || bin.item === item) &&
        (unit === undefined || bin.unit === unit);
      return rowsOf(stock, fits, limit);
    },
    unit: (unit) => unitViewOf(stock, unit),
    documents: (state) =>
      documents.summaries().filter((one) => state === undefined || one.state === state),
    document: (id) => documents.view(id),
    tasks: () => tasks.all(),
    lotClimate: (of, limit) => climateRowsOf(climate, of, limit),
    find: (text, limit) => find(books, presence, text.trim(), limit),
    doors,
    unitSeen,
    leaseUse,
    transfers,
    isOnItsWay,
  };
}

function rowsOf(stock: StockBook, fits: (bin: Bin) => boolean, limit: number): StockViewRow[] {
  return stock.quantities
    .where(fits)
    .map(([{ zone, status, owner, item, lot, unit }, quantity]) => ({
      zone,
      status,
      owner,
      item,
      ...(lot === '' ? {} : { lot }),
      ...(unit === '' ? {} : { handlingUnit: unit }),
      quantity,
    }))
    .sort((a, b) => compare(a.zone, b.zone) || compare(a.item, b.item) || compare(a.lot, b.lot))
    .slice(0, limit);
}

function climateRowsOf(
  climate: Climate,
  { zone, item, lot }: LotFilter,
  limit: number,
): LotClimate[] {
  const fits = (inZone: string, kind: GoodsKind): boolean =>
    (zone === undefined || inZone === zone) &&
    (item === undefined || kind.item === item) &&
    (lot === undefined || kind.lot === lot);
  return climate
    .lots(fits)
    .slice(0, limit)
    .map(({ lot: ofLot, meanKineticMilliC, ...stay }) => ({
      ...stay,
      ...(ofLot === '' ? {} : { lot: ofLot }),
      ...(meanKineticMilliC === undefined ? {} : { meanKineticMilliC }),
    }));
}

function unitViewOf(stock: StockBook, unit: string): UnitView | undefined {
  const { containment } = stock;
  const state = containment.get(unit);
  if (state === undefined) return undefined;
  const root = containment.get(containment.rootOf(unit)) ?? state;
  return {
    unit,
    ...(state.parent === '' ? {} : { parent: state.parent }),
    ...(root.zone === '' ? {} : { zone: root.zone }),
    state: root.zone !== '' ? 'here' : root.goneMs === 0 ? 'expected' : 'gone',
    ...(state.document === '' ? {} : { document: state.document }),
    serials: containment.serialsIn(unit),
    goods: containment
      .goodsIn(unit)
      .toSorted(([a], [b]) => compare(goodsKey(a), goodsKey(b)))
      .map(([{ owner, item, lot }, quantity]) => ({
        owner,
        item,
        quantity,
        ...(lot === '' ? {} : { lot }),
      })),
    units: containment.unitsIn(unit).flatMap((child) => {
      const view = unitViewOf(stock, child);
      return view === undefined ? [] : [view];
    }),
  };
}

/** What a text may be: an EPC, a barcode's content, a unit, a document, an item number or a lot. */
function find(books: Books, presence: Presence, text: string, limit: number): Found {
  const { stock, documents } = books;
  if (text === '') return { rows: [], serials: [], units: [], documents: [] };
  const isHex = /^[0-9A-Fa-f]+$/.test(text);
  const epc = isHex ? decodeEpc(text) : undefined;
  // Only two-digit years of dates would need the time, and none is looked for.
  const code = readCode(text, { scannedAtMs: 0 });
  const item = epc?.scheme === 'sgtin' ? epc.gtin14 : (code.gtin ?? text);
  const named = (epc === undefined ? undefined : unitOfEpc(epc)) ?? unitOfCode(code);
  // A licence plate says its number alone.
  const plate = `lpn:${text}`;
  const unit = named ?? (stock.containment.get(plate) === undefined ? text : plate);
  const found = unitViewOf(stock, unit);
  return {
    rows: rowsOf(
      stock,
      // A site's own number may look like a GTIN of another length.
      (bin) =>
        bin.item === item ||
        bin.item === text ||
        bin.lot === (code.lot ?? text) ||
        bin.unit === unit,
      limit,
    ),
    serials: [
      ...(epc?.scheme === 'sgtin'
        ? [serialOf(stock, presence, text.toUpperCase(), epc.gtin14)]
        : []),
      ...serialsOfCode(stock, presence, code),
    ].slice(0, limit),
    units: found === undefined ? [] : [found],
    documents: documents.summaries().filter(({ id }) => id === text),
  };
}

function serialsOfCode(
  stock: StockBook,
  presence: Presence,
  { gtin, serial }: ScannedCode,
): FoundSerial[] {
  if (gtin === undefined || serial === undefined) return [];
  const candidates = sgtinCandidates(gtin, serial);
  const known = candidates.find((epc) => stock.isKnownSerial(epc) || presence.zoneOf(epc));
  return known === undefined ? [] : [serialOf(stock, presence, known, gtin)];
}

function serialOf(stock: StockBook, presence: Presence, epc: string, item: string): FoundSerial {
  const place = stock.placeOf(epc, item);
  const unit = stock.containment.unitOfSerial(epc);
  const seenIn = presence.zoneOf(epc);
  return {
    epc,
    item,
    ...(place === undefined ? {} : { zone: place[0], status: place[1] }),
    ...(unit === undefined ? {} : { unit }),
    ...(seenIn === undefined ? {} : { seenIn }),
  };
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
