import type { ActRefusal, FloorAct, Lease } from '#contracts/acts.ts';
import type { ActReference } from '#contracts/goods.ts';
import type { DocumentBook, EndedDocument } from '../documents/document-book.ts';
import type { Statement, StockBook } from '../stock/stock-book.ts';
import type { TaskBook } from '../stock/task-book.ts';
import type { Turn } from '../stock/turn.ts';
import type { TransferDesk } from '../transfers/transfer-desk.ts';
import { sourcePermille } from './certainty.ts';
import type { LeaseUse } from './lease-use.ts';
import type { PassageBook } from './passage-book.ts';
import type { UnitPostings } from './unit-postings.ts';

/** What acts work on. */
export interface ActBooks {
  readonly stock: StockBook;
  readonly tasks: TaskBook;
  readonly documents: DocumentBook;
  readonly postings: UnitPostings;
  readonly passages: PassageBook;
  readonly transfers: TransferDesk;
  readonly presence: { tagsIn(zone: string): readonly string[] };
  /** Documents were closed: what they still announced is dropped, and differences become tasks. */
  readonly endDocuments: (turn: Turn, ended: readonly EndedDocument[]) => void;
}

/** One act at work. Handlers change nothing before they know that nothing is wrong. */
export interface ActContext<A extends FloorAct = FloorAct> {
  readonly books: ActBooks;
  readonly turn: Turn;
  readonly act: A;
  readonly lease: Lease;
  readonly by: ActReference;
  readonly use: LeaseUse;
}

/** Why an act cannot be applied. */
export interface ActFault {
  readonly code: ActRefusal;
  readonly detail: string;
}

export function fault(code: ActRefusal, detail: string): ActFault {
  return { code, detail };
}

export function isFault(of: unknown): of is ActFault {
  return typeof of === 'object' && of !== null && 'code' in of && 'detail' in of;
}

/** What a posting says that a person asked for. */
export function statementOf({ act, by }: Pick<ActContext, 'act' | 'by'>): Statement {
  const { document } = act;
  return {
    by,
    ...(document === undefined ? {} : { document }),
    evidence: {
      agreed: document === undefined ? ['person'] : ['person', `document:${document.id}`],
      certaintyPermille: sourcePermille.person,
    },
  };
}
