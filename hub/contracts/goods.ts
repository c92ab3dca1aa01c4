import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, epc, name } from './schema.ts';

/** How goods, handling units, documents and persons are named in acts, documents and events. */

/** No control characters: books use them to part names. */
export const itemNumber = Type.String({
  pattern: '^[^\\u0000-\\u001f]+$',
  minLength: 1,
  maxLength: 80,
  description: 'item number, GTIN-14 for SGTIN',
});
export const lotNumber = Type.String({
  pattern: '^[^\\u0000-\\u001f]+$',
  minLength: 1,
  maxLength: 40,
});

/**
 * A handling unit by its own kind of number, the same whether a tag or a barcode said it: an EPC of
 * an SSCC or GRAI and the barcode of the same key give one text. `sscc:` 18 digits with check
 * digit; `grai:` 13 digits with check digit and the serial; `lpn:` a licence plate of the site.
 */
const unitPattern =
  '^(?:sscc:[0-9]{18}|grai:[0-9]{13}:[!-~]{1,16}|lpn:[0-9A-Za-z][0-9A-Za-z._-]{0,59})$';
export const unitId = Type.String({
  pattern: unitPattern,
  description:
    'a handling unit: sscc: and 18 digits; grai: and 13 digits, a colon, its serial; or lpn: and ' +
    'up to 60 letters, digits, dots, dashes',
});

export const documentId = Type.String({
  pattern: '^[!-~](?:[ -~]{0,78}[!-~])?$',
  description: "the issuing system's own number, printable ASCII",
});

/** Opaque: the person's name lies elsewhere, where it can be erased without touching a journal. */
export const personId = Type.String({ pattern: '^[!-~]{1,80}$' });

/** The id that a client made for what it asks for: the same id is the same act, however often sent. */
export const actId = Type.String({ pattern: '^[0-9A-Za-z_-]{8,64}$' });

/** `t`, the intake position that opened the task, and its place among the tasks of that position. */
export const taskId = Type.String({ pattern: '^t[0-9]{1,16}-[0-9]{1,6}$' });

/**
 * What left for another gateway in one go: `x`, the intake position that sent it, and its place
 * there. Elsewhere it is named with whose it is: gateway/epoch/x….
 */
export const ownTransferId = Type.String({ pattern: '^x[0-9]{1,16}-[0-9]{1,6}$' });
export const transferId = Type.String({
  pattern: '^(?:[a-z0-9-]{1,40}/[0-9]{1,9}/)?x[0-9]{1,16}-[0-9]{1,6}$',
});

export const baseUnits = Type.Integer({
  minimum: 1,
  maximum: 1_000_000_000,
  description: "in the item's base unit",
});

/** EPCs of single things, upper-case hex as on the tag. */
export const serialList = Type.Array(epc, { minItems: 1, maxItems: 2000 });

/** So much of one item and lot. `handlingUnit` is what it stands on or in; absent: loose. */
export const goods = closed({
  handlingUnit: Type.Optional(unitId),
  item: itemNumber,
  lot: Type.Optional(lotNumber),
  owner: Type.Optional(name),
  quantity: baseUnits,
  serials: Type.Optional(serialList),
});
export type Goods = Static<typeof goods>;

export const documentReference = closed({
  id: documentId,
  line: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
});
export type DocumentReference = Static<typeof documentReference>;

/** Who did it, as events carry it. */
export const actReference = closed({ act: actId, person: personId });
export type ActReference = Static<typeof actReference>;
