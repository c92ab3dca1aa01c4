import type { DocumentType } from '#contracts/documents.ts';
import type { DocumentBook } from '../documents/document-book.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StockBook } from '../stock/stock-book.ts';

/**
 * How many tagged pieces a document still expects by themselves, in base units: what is open on its
 * lines, without what it announces in handling units, which is told when these are seen.
 */
export function openQuantity(
  { items }: SiteModel,
  documents: DocumentBook,
  { containment }: StockBook,
  id: string,
): number {
  const document = documents.get(id)?.document;
  if (document === undefined) return 0;
  const { lines, type, units = [] } = document;
  const inUnits = new Map<number, number>();
  for (const { unit, contents } of units) {
    const state = containment.get(containment.rootOf(unit));
    const isHere = state !== undefined && state.zone !== '';
    const isOpen = (state?.goneMs ?? 0) === 0 && isHere === (type === 'shipment');
    for (const { line, quantity } of isOpen ? contents : []) {
      inUnits.set(line, (inUnits.get(line) ?? 0) + quantity);
    }
  }
  return lines
    .filter(({ item }) => items.tagsPost(item, stepOf(type)))
    .reduce((sum, { line, quantity }) => {
      const open = quantity - documents.seenOf(id, line) - (inUnits.get(line) ?? 0);
      return sum + Math.max(0, open);
    }, 0);
}

function stepOf(type: DocumentType): 'receive' | 'ship' {
  return type === 'receipt' ? 'receive' : 'ship';
}
