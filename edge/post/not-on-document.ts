import { defaultOwner } from '#contracts/ids.ts';
import type { DocumentBook } from '../documents/document-book.ts';
import type { GoodsKind } from '../stock/bin.ts';
import { fault, type ActFault } from './act-context.ts';

const mostNamed = 3;

/** Goods that fit no line of a document, with what it has of the item instead: lots, owners. */
export function notOnDocument(documents: DocumentBook, id: string, goods: GoodsKind): ActFault {
  const lines = documents.get(id)?.document.lines ?? [];
  const others = lines.flatMap(({ item, lot = '', owner = defaultOwner }) =>
    item === goods.item ? [nameOf({ lot, owner })] : [],
  );
  const named = [...new Set(others)].slice(0, mostNamed).join(' or ');
  const meant = `${goods.item} ${nameOf(goods)} on ${id}`;
  return fault('not-on-document', named === '' ? meant : `${meant}: there it is ${named}`);
}

function nameOf({ lot, owner }: Pick<GoodsKind, 'lot' | 'owner'>): string {
  return lot === '' ? `of owner ${owner}` : `of lot ${lot}, owner ${owner}`;
}
