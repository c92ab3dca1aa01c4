import Type from 'typebox';
import { closed, epc, name, oneOf } from '../schema.ts';
import { postingLine, stockStatus } from '../posting.ts';

/** What the posting policies did: the only events with ledger lines. */

const evidence = closed({
  agreed: Type.Array(Type.String({ maxLength: 60 }), { maxItems: 20 }),
  certaintyPermille: Type.Integer({ minimum: 0, maximum: 1000 }),
});

export const stockPosted = closed({
  evidence,
  lines: Type.Array(postingLine, { minItems: 2, maxItems: 2000 }),
});

/** A second claim on a serial that another account already holds. Nothing is posted for it. */
export const stockConflict = closed({
  claimedZone: name,
  epc,
  heldBy: Type.String({ maxLength: 120 }),
});

export const taskOpened = closed({
  epc: Type.Optional(epc),
  reason: Type.String({ maxLength: 60 }),
  status: Type.Optional(stockStatus),
  task: oneOf(['identify', 'verify-movement', 'recount', 'inspect-counter']),
  zone: Type.Optional(name),
});
