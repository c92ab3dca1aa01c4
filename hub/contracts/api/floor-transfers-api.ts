import Type from 'typebox';
import type { Static } from 'typebox';
import { itemNumber, lotNumber, transferId, unitId } from '../goods.ts';
import { closed, count, epc, epochMs, name } from '../schema.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** What is on its way between this gateway and others, as far as it knows: at most 200. */
const floorTransfer = closed({
  transfer: transferId,
  /** Sent from here; else the hub says that it comes. */
  isOwn: Type.Boolean(),
  /** The gateway at the other end, and its site. */
  other: name,
  site: name,
  sentAtMs: epochMs,
  /** Nobody has said that it arrived for longer than it should take. */
  isLate: Type.Boolean(),
  toZone: nullable(name),
  lines: Type.Array(
    closed({
      owner: name,
      item: itemNumber,
      lot: nullable(lotNumber),
      /** The outermost unit that they are in. */
      unit: nullable(unitId),
      quantity: count,
      left: count,
      serials: Type.Array(epc),
    }),
  ),
});
export type FloorTransfer = Static<typeof floorTransfer>;

export const floorTransfers = closed({ asOfMs: epochMs, transfers: Type.Array(floorTransfer) });
export type FloorTransfers = Static<typeof floorTransfers>;
