import Type from 'typebox';
import {
  actReference,
  baseUnits,
  itemNumber,
  lotNumber,
  ownTransferId,
  transferId,
  unitId,
} from '../goods.ts';
import { stockStatus } from '../posting.ts';
import { closed, epc, name } from '../schema.ts';

/**
 * Moves between gateways. Each leg is a posting of the gateway whose zone it touches: out of a zone
 * into the lane (`stock.shipped`), out of the lane into a zone (`stock.received`). These events say
 * what belongs together.
 */

const ofGoods = {
  item: itemNumber,
  lot: Type.Optional(lotNumber),
  owner: name,
  quantity: baseUnits,
};

/** What left: loose goods, with their EPCs where they have some, or those of an outermost unit. */
const transferLine = closed({
  ...ofGoods,
  serials: Type.Optional(Type.Array(epc, { maxItems: 2000 })),
  /** What they keep wherever they go: a hold of their own, or that nobody verified them. */
  status: Type.Optional(stockStatus),
  unit: Type.Optional(unitId),
});

/** A handling unit that left, with what is directly in it; goods count its serials in. */
const transferUnit = closed({
  goods: Type.Array(closed(ofGoods), { maxItems: 200 }),
  parent: Type.Optional(unitId),
  serials: Type.Array(epc, { maxItems: 5000 }),
  unit: unitId,
});

export const transferContent = {
  lines: Type.Array(transferLine, { minItems: 1, maxItems: 500 }),
  /** Outer ones first. */
  units: Type.Optional(Type.Array(transferUnit, { maxItems: 500 })),
};

/** What a posting of the same moment took out, as whoever receives it needs to know it. */
export const transferSent = closed({
  ...transferContent,
  by: Type.Optional(actReference),
  id: ownTransferId,
  to: name,
  toSite: Type.Optional(name),
  toZone: Type.Optional(name),
});

/** What came out of the lane before anybody had told of it: it was this. */
export const transferMatched = closed({
  lines: Type.Array(
    closed({
      ...ofGoods,
      serials: Type.Optional(Type.Array(epc, { maxItems: 2000 })),
      unit: Type.Optional(unitId),
    }),
    { minItems: 1, maxItems: 500 },
  ),
  transfer: transferId,
});
