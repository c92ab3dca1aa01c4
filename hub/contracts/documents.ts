import Type from 'typebox';
import type { Static } from 'typebox';
import { baseUnits, documentId, itemNumber, lotNumber, unitId } from './goods.ts';
import { closed, epc, epochMs, name, oneOf } from './schema.ts';

/**
 * Documents as a gateway needs them: what is expected to come in or to go out, in which handling
 * units, within which tolerance. A later `version` replaces an earlier one whole; progress is kept
 * by line number. A document that is not open any more is said by a version with that state.
 */
const line = closed({
  line: Type.Integer({ minimum: 1, maximum: 100_000 }),
  item: itemNumber,
  lot: Type.Optional(lotNumber),
  owner: Type.Optional(name),
  quantity: baseUnits,
  /** EPCs of the single things, where the sender told them. */
  serials: Type.Optional(Type.Array(epc, { maxItems: 5000 })),
});
export type DocumentLine = Static<typeof line>;

/** A handling unit that is announced, and what of which line is in it directly. */
const unit = closed({
  unit: unitId,
  parent: Type.Optional(unitId),
  contents: Type.Array(
    closed({
      line: Type.Integer({ minimum: 1, maximum: 100_000 }),
      quantity: baseUnits,
      serials: Type.Optional(Type.Array(epc, { maxItems: 5000 })),
    }),
    { maxItems: 200 },
  ),
});

/** How far a line may be over or under, permille of its quantity, before somebody must look. */
const tolerance = closed({
  overPermille: Type.Integer({ minimum: 0, maximum: 1000 }),
  underPermille: Type.Integer({ minimum: 0, maximum: 1000 }),
});

const documentStates = ['open', 'closed', 'cancelled'] as const;

const common = {
  id: documentId,
  version: Type.Integer({ minimum: 1 }),
  site: name,
  state: oneOf(documentStates),
  /** The supplier, carrier or customer, as the issuing system names it. */
  partner: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
  expectedAtMs: Type.Optional(epochMs),
  /** Where it is expected; absent: at any zone of the site. */
  zone: Type.Optional(name),
  tolerance,
  lines: Type.Array(line, { minItems: 1, maxItems: 2000 }),
  units: Type.Optional(Type.Array(unit, { maxItems: 2000 })),
};

/** An expected receipt (ASN, despatch advice, transfer order coming in). */
const expectedReceipt = closed({ ...common, type: Type.Literal('receipt') });

/** An expected shipment (delivery, transfer order going out). */
const expectedShipment = closed({ ...common, type: Type.Literal('shipment') });

export const siteDocument = Type.Union([expectedReceipt, expectedShipment]);
export type SiteDocument = Static<typeof siteDocument>;
export type DocumentType = SiteDocument['type'];
