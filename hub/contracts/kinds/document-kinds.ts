import Type from 'typebox';
import { actReference, documentId } from '../goods.ts';
import { closed, count, epochMs, oneOf } from '../schema.ts';

/** How far documents have come: expected, seen, closed with a difference. */

const type = oneOf(['receipt', 'shipment']);

export const documentOpened = closed({
  document: documentId,
  expected: count,
  expectedAt: Type.Optional(epochMs),
  lines: count,
  type,
  version: Type.Integer({ minimum: 1 }),
});

const lineProgress = closed({
  expected: count,
  line: Type.Integer({ minimum: 1 }),
  seen: count,
});

/** `seen` of `expected` base units so far, and the lines that changed since it was last said. */
export const documentProgressed = closed({
  document: documentId,
  expected: count,
  lines: Type.Array(lineProgress, { maxItems: 2000 }),
  seen: count,
  type,
  version: Type.Integer({ minimum: 1 }),
});

/** Nothing more is taken on it. `lines` are those that differ; `complete`: all within tolerance. */
export const documentClosed = closed({
  by: Type.Optional(actReference),
  complete: Type.Boolean(),
  document: documentId,
  expected: count,
  lines: Type.Array(lineProgress, { maxItems: 2000 }),
  reason: oneOf(['complete', 'closed', 'cancelled']),
  seen: count,
  type,
  version: Type.Integer({ minimum: 1 }),
});
