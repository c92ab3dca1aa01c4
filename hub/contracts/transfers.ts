import Type from 'typebox';
import type { Static } from 'typebox';
import { baseUnits, itemNumber, lotNumber, transferId, unitId } from './goods.ts';
import { transferContent } from './kinds/transfer-kinds.ts';
import { closed, epc, epochMs, name } from './schema.ts';

/**
 * What the hub tells gateways of goods between them. It posts nothing itself: each gateway decides
 * by its own book what a notice means, and the same notice twice changes nothing.
 */

const gateway = { gateway: name, site: name };

/** This left another gateway and is expected here, or is here already. */
const coming = closed({
  type: Type.Literal('coming'),
  ...transferContent,
  from: closed(gateway),
  lane: Type.String({ minLength: 1, maxLength: 100 }),
  sentAtMs: epochMs,
  toZone: Type.Optional(name),
  transfer: transferId,
});
export type ComingNotice = Static<typeof coming>;

/** These things are in the book here, and another gateway took them in later. */
const elsewhere = closed({
  type: Type.Literal('elsewhere'),
  ...gateway,
  epcs: Type.Array(epc, { maxItems: 2000 }),
  seenAtMs: epochMs,
  units: Type.Array(unitId, { maxItems: 500 }),
});
export type ElsewhereNotice = Static<typeof elsewhere>;

/** Another gateway took this in from here, and nothing says that it left. */
const missing = closed({
  type: Type.Literal('missing'),
  ...gateway,
  item: itemNumber,
  lot: Type.Optional(lotNumber),
  owner: name,
  quantity: baseUnits,
  sinceMs: epochMs,
});
export type MissingNotice = Static<typeof missing>;

/** All of it is where it went, or back: nothing of it is on its way. */
const settled = closed({ type: Type.Literal('settled'), sentAtMs: epochMs, transfer: transferId });
export type SettledNotice = Static<typeof settled>;

export const transferNotice = Type.Union([coming, elsewhere, missing, settled]);
export type TransferNotice = Static<typeof transferNotice>;

export const transferNotices = Type.Array(transferNotice, { minItems: 1, maxItems: 500 });
