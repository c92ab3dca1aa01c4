import type { FloorFound, FloorSite, FloorStockRow, FloorUnit } from '#contracts/api/floor-api.ts';

/** What a scanned or typed text is about, for a screen that wants something to act on. */
export type Subject =
  | { readonly type: 'unit'; readonly unit: string; readonly known: FloorUnit | undefined }
  | GoodsSubject
  | { readonly type: 'zone'; readonly zone: string }
  | { readonly type: 'document'; readonly id: string }
  | { readonly type: 'unknown'; readonly text: string };

export interface GoodsSubject {
  readonly type: 'goods';
  readonly item: string;
  readonly lot: string | undefined;
  /** The one thing that was scanned, by its EPC. */
  readonly epc: string | undefined;
  /** The serial number of a code for which no tag is known here. */
  readonly serial: string | undefined;
  /** How many the code says there are. */
  readonly count: number | undefined;
  readonly tracking: FloorTracking;
  /** Where the book has it, most first; never what is expected. */
  readonly rows: readonly FloorStockRow[];
}

export type FloorTracking = NonNullable<FloorFound['item']>['tracking'];

/** A zone's label says its id, in any case, with or without `zone:` before it. */
export function zoneOf(text: string, site: FloorSite | undefined): string | undefined {
  const asked = text
    .trim()
    .replace(/^zone:/i, '')
    .toLowerCase();
  return site?.zones.find(({ id }) => id.toLowerCase() === asked)?.id;
}

/** Reads an answer of `find`. A unit is told before its content, a single thing before its item. */
export function subjectOf(found: FloorFound, text: string, site?: FloorSite): Subject {
  const zone = zoneOf(text, site);
  if (zone !== undefined) return { type: 'zone', zone };
  if (found.unit !== null) {
    const { unit } = found;
    return { type: 'unit', unit, known: found.units.find((each) => each.unit === unit) };
  }
  const goods = goodsOf(found);
  if (goods !== undefined) return goods;
  const [document] = found.documents;
  if (document !== undefined) return { type: 'document', id: document.id };
  const [unit] = found.units;
  if (unit !== undefined && found.units.length === 1) {
    return { type: 'unit', unit: unit.unit, known: unit };
  }
  return { type: 'unknown', text: found.code.text || text };
}

function goodsOf(found: FloorFound): GoodsSubject | undefined {
  const item = found.item?.item ?? (found.epc === null ? undefined : found.serials[0]?.item);
  const lots = new Set(found.rows.map((row) => row.lot));
  // A lot number that only one item has names that item.
  const items = new Set(found.rows.map((row) => row.item));
  const named = item ?? (found.lot !== null && items.size === 1 ? [...items][0] : undefined);
  if (named === undefined) return undefined;
  const [only] = lots.size === 1 ? [...lots] : [];
  return {
    type: 'goods',
    item: named,
    lot: found.lot ?? only ?? undefined,
    epc: found.epc ?? undefined,
    serial: found.epc === null ? found.code.serial : undefined,
    count: found.code.count,
    tracking: found.item?.tracking ?? null,
    rows: found.rows
      .filter((row) => row.item === named && (row.quantity ?? 1) !== 0)
      .filter((row) => found.lot === null || row.lot === found.lot)
      .sort((a, b) => (b.quantity ?? 0) - (a.quantity ?? 0)),
  };
}
