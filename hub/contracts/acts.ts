import Type from 'typebox';
import type { Static, TProperties } from 'typebox';
import {
  actId,
  documentReference,
  goods,
  itemNumber,
  lotNumber,
  personId,
  serialList,
  taskId,
  transferId,
  unitId,
} from './goods.ts';
import { stockStatus } from './posting.ts';
import { closed, count, epc, epochMs, name, oneOf } from './schema.ts';

/** The last time that a date can name (ECMA-262 21.4.1.1). */
const lastMs = 8_640_000_000_000_000;

/**
 * What a person does at the floor page. The gateway takes an act as an intake entry and applies it
 * in order with all evidence; the outcome is `applied`, or `refused` with a code of this file.
 *
 * Every act: `id` made by the client once (sent again it changes nothing and has the same outcome),
 * `person`, and, where it belongs to them, the `document` and the `task` that it works off. `atMs`
 * is the client's clock, judged like a device's; absent: the time of receipt.
 */
const common = {
  id: actId,
  person: personId,
  atMs: Type.Optional(
    Type.Integer({ minimum: 0, maximum: lastMs, description: 'UTC milliseconds since 1970' }),
  ),
  document: Type.Optional(documentReference),
  task: Type.Optional(taskId),
  note: Type.Optional(Type.String({ maxLength: 200 })),
};

function act<T extends string, P extends TProperties>(type: T, properties: P) {
  return closed({ ...common, type: Type.Literal(type), ...properties });
}

/** What is moved, held, shipped …: so much of an item, or a whole handling unit by reference. */
const subject = Type.Union([closed({ goods }), closed({ unit: unitId })]);

const place = { zone: name, status: Type.Optional(stockStatus) };

/**
 * Takes in. A `unit` comes with what the receipt `document` expects in it. From another gateway:
 * with the `transfer` that it was announced in, or, where nothing is known of one, `from` it.
 */
const receiveAct = act('receive', {
  what: subject,
  ...place,
  from: Type.Optional(name),
  transfer: Type.Optional(transferId),
});

/** Sends out, from `zone`; a unit from where it stands. */
const shipAct = act('ship', { what: subject, ...place });

/**
 * From `zone` (for a unit: from where it stands) to `toZone`, in its status unless one is named. To
 * a zone of another gateway it leaves for that one, and is on its way until it is seen there.
 */
const moveAct = act('move', {
  what: subject,
  ...place,
  toZone: name,
  toStatus: Type.Optional(stockStatus),
});

/**
 * A blind count: what somebody found in `zone`, without having been shown the book. `items` names
 * what was counted, whether found or not; absent: everything in the zone. `recountOf` is the act
 * id of the count that this one checks.
 */
const countAct = act('count', {
  zone: name,
  items: Type.Optional(Type.Array(itemNumber, { minItems: 1, maxItems: 500 })),
  found: Type.Array(
    closed({
      handlingUnit: Type.Optional(unitId),
      item: itemNumber,
      lot: Type.Optional(lotNumber),
      owner: Type.Optional(name),
      quantity: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
      status: Type.Optional(stockStatus),
    }),
    { maxItems: 500 },
  ),
  recountOf: Type.Optional(actId),
});

/**
 * An RFID count of a zone. `epcs` is what a handheld read on its round; absent: what the fixed
 * readers have present in the zone now.
 */
const sweepAct = act('sweep', {
  zone: name,
  epcs: Type.Optional(Type.Array(epc, { maxItems: 20_000 })),
});

export const holdReasons = ['quality', 'damage', 'recall', 'customs', 'climate', 'other'] as const;

/** Into `quality-hold` or `quarantine`: there, but nobody may use it. */
const holdAct = act('hold', {
  what: subject,
  ...place,
  into: Type.Optional(oneOf(['quality-hold', 'quarantine'])),
  reason: oneOf(holdReasons),
});

/** Out of a hold, or out of `unverified`, into `toStatus`; absent: into the status of the zone. */
const releaseAct = act('release', {
  what: subject,
  ...place,
  toStatus: Type.Optional(stockStatus),
});

export const adjustReasons = [
  'damaged',
  'expired',
  'scrapped',
  'sample',
  'lost',
  'found',
  'count',
  'correction',
] as const;

/** Changes what the book says, by a signed quantity, within the lease's limits. */
const adjustAct = act('adjust', {
  ...place,
  handlingUnit: Type.Optional(unitId),
  item: itemNumber,
  lot: Type.Optional(lotNumber),
  owner: Type.Optional(name),
  quantity: Type.Union([
    Type.Integer({ minimum: -1_000_000_000, maximum: -1 }),
    Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  ]),
  reason: oneOf(adjustReasons),
  serials: Type.Optional(serialList),
});

/**
 * Puts loose goods, serials and whole units that stand in `zone` into or onto `parent`, which need
 * not be known yet. Mixed items and units within units are fine; a circle is refused.
 */
const packAct = act('pack', {
  parent: unitId,
  ...place,
  goods: Type.Optional(Type.Array(goods, { maxItems: 200 })),
  serials: Type.Optional(serialList),
  units: Type.Optional(Type.Array(unitId, { maxItems: 500 })),
});

/** Takes out of `parent`; with nothing named everything, which breaks the unit up (break bulk). */
const unpackAct = act('unpack', {
  parent: unitId,
  goods: Type.Optional(Type.Array(goods, { maxItems: 200 })),
  serials: Type.Optional(serialList),
  units: Type.Optional(Type.Array(unitId, { maxItems: 500 })),
});

/** Works off a task without moving stock: it was looked into, or it was nothing. */
const resolveAct = act('resolve', { outcome: oneOf(['done', 'dismissed']) });

/** Closes a document: what is short or over becomes its difference. */
const closeAct = act('close', {});

export const floorAct = Type.Union([
  receiveAct,
  shipAct,
  moveAct,
  countAct,
  sweepAct,
  holdAct,
  releaseAct,
  adjustAct,
  packAct,
  unpackAct,
  resolveAct,
  closeAct,
]);
export type FloorAct = Static<typeof floorAct>;
export type ActType = FloorAct['type'];
export type ActOf<T extends ActType> = Extract<FloorAct, { type: T }>;

export const actTypes = [
  'receive',
  'ship',
  'move',
  'count',
  'sweep',
  'hold',
  'release',
  'adjust',
  'pack',
  'unpack',
  'resolve',
  'close',
] as const satisfies readonly ActType[];

/**
 * What the hub lends a person at a site for a while, so that limits hold offline too. It is checked
 * where the act is applied, against the time and the sums at that point of the intake log. Limits
 * are absolute base units of adjustments (and of adjusted count variances): `limitPerEntry` each,
 * `limitCumulative` in all under this lease. With a value limit, an item without a known value is
 * refused. Zones and owners: absent means all.
 */
export const lease = closed({
  id: Type.String({ pattern: '^[0-9A-Za-z_-]{1,64}$' }),
  person: personId,
  may: Type.Array(oneOf(actTypes), { maxItems: actTypes.length }),
  validFromMs: epochMs,
  validUntilMs: epochMs,
  limitPerEntry: count,
  limitCumulative: count,
  valuePerEntryMinor: Type.Optional(count),
  valueCumulativeMinor: Type.Optional(count),
  owners: Type.Optional(Type.Array(name, { maxItems: 100 })),
  zones: Type.Optional(Type.Array(name, { maxItems: 500 })),
});
export type Lease = Static<typeof lease>;

/** Why an act was refused: nothing of it was applied, and the refusal itself is an event. */
export const actRefusals = [
  'lease-missing',
  'lease-expired',
  'not-permitted',
  'zone-not-permitted',
  'owner-not-permitted',
  'limit-per-entry',
  'limit-cumulative',
  'value-unknown',
  'beyond-balance',
  'unknown-zone',
  'unknown-unit',
  'unknown-document',
  'document-closed',
  'not-on-document',
  'over-document',
  'document-required',
  'unknown-transfer',
  'not-on-transfer',
  'unknown-gateway',
  'unknown-task',
  'task-mismatch',
  'task-not-yours',
  'unknown-count',
  'same-person',
  'lot-required',
  'serials-required',
  'serials-mismatch',
  'serial-elsewhere',
  'unit-elsewhere',
  'containment-circle',
  'not-in-unit',
  'wrong-status',
  'nothing-to-do',
  'too-large',
  /** It came after its author's rights had ended: it is kept, and somebody reviews it. */
  'author-revoked',
  /** The gateway itself failed on the act, which changed nothing. */
  'gateway-fault',
] as const;
export type ActRefusal = (typeof actRefusals)[number];

/**
 * What became of an act. `repeated`: this id came before, at the intake position `pos` where that is
 * remembered, and `of` is what became of it then; with `isOther` it stood for another act.
 */
export type ActOutcome =
  | { readonly type: 'applied' }
  | { readonly type: 'refused'; readonly code: ActRefusal; readonly detail: string }
  | {
      readonly type: 'repeated';
      readonly of: 'applied' | ActRefusal;
      readonly isOther: boolean;
      readonly pos?: number;
    };
