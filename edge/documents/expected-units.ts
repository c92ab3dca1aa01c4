import type { SiteDocument } from '#contracts/documents.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { kindOfGoods, type GoodsKind } from '../stock/bin.ts';
import type { StockBook } from '../stock/stock-book.ts';

/**
 * Makes the handling units that a receipt announces known, with what is to be in them, so that tags
 * of their things lead to the unit before it is here. Units that are known already are left as they
 * are.
 *
 * @returns how many announced serials are not expected with their unit, because the book has them
 *   elsewhere or their tag names another item than their line: somebody must look.
 */
export function expectUnits(stock: StockBook, document: SiteDocument): number {
  const { units = [], lines } = document;
  const { containment } = stock;
  const kinds = new Map(lines.map((line) => [line.line, kindOfGoods(line)]));
  let doubtful = 0;
  const fresh = units.filter(({ unit }) => containment.get(unit) === undefined);
  for (const { unit } of fresh) {
    containment.put(unit, { document: document.id, goneMs: 0, parent: '', zone: '' });
  }
  for (const { unit, parent, contents } of fresh) {
    const isIn = parent !== undefined && containment.get(parent)?.document === document.id;
    if (isIn && !containment.isWithin(parent, unit)) {
      containment.put(unit, { document: document.id, goneMs: 0, parent, zone: '' });
    }
    for (const { line, quantity, serials = [] } of contents) {
      const kind = kinds.get(line);
      if (kind === undefined) continue;
      const named = serials.slice(0, quantity);
      const refused = named.filter((epc) => !expectSerial(stock, unit, epc, kind)).length;
      containment.addGoods(unit, kind, quantity - refused);
      doubtful += refused;
    }
  }
  return doubtful;
}

/** Forgets what was announced and did not come. */
export function dropExpectedUnits(stock: StockBook, { id, units = [] }: SiteDocument): void {
  for (const { unit } of units) {
    const state = stock.containment.get(unit);
    if (state === undefined || state.document !== id || state.parent !== '') continue;
    if (state.zone === '' && state.goneMs === 0) stock.forgetUnit(unit);
  }
}

function expectSerial(stock: StockBook, unit: string, epc: string, kind: GoodsKind): boolean {
  const named = decodeEpc(epc);
  if (named.scheme !== 'sgtin' || named.gtin14 !== kind.item) return false;
  if (stock.isKnownSerial(epc)) return false;
  stock.containment.putSerial(epc, unit);
  stock.noteKind(epc, kind);
  return true;
}
