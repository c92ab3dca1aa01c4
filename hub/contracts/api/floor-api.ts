import Type from 'typebox';
import type { Static } from 'typebox';
import { actRefusals, actTypes, floorAct, type FloorAct } from '../acts.ts';
import { documentId, itemNumber, lotNumber, personId, taskId, unitId } from '../goods.ts';
import { stockCounted, taskOpened } from '../kinds/stock-kinds.ts';
import { scannedCode } from '../kinds/scan-kinds.ts';
import { alertFact, deviceHealth } from '../now-lane.ts';
import { passwordLengths, personRoles } from '../people.ts';
import { stockStatus } from '../posting.ts';
import { closed, count, epc, epochMs, name, oneOf } from '../schema.ts';
import { floorSecret } from './floor-secret-api.ts';

/**
 * What a gateway's floor page asks of its gateway, also with the hub away. All but the page's files
 * and signing in needs the session cookie, and every request that is no GET the header `csrfHeader`
 * of session-api.ts, from a page of the same origin. A refusal has the status of its code and the
 * body `floorProblem`. Times are the gateway's.
 */
export { floorPaths } from './routes-api.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** `message` says what is wrong and what to do; `faults` the same for each field of the request. */
export const floorProblem = closed({
  code: Type.String({ description: 'of the fault table' }),
  message: Type.String(),
  retryable: Type.Boolean(),
  retryAfterS: Type.Optional(count),
  faults: Type.Optional(
    Type.Array(
      closed({
        path: Type.String({ description: 'as one would say it: what.goods.quantity' }),
        value: Type.Unknown(),
        remedy: Type.String(),
      }),
    ),
  ),
});
export type FloorProblem = Static<typeof floorProblem>;

export const floorSignIn = closed({
  username: Type.String({ minLength: 1, maxLength: 80 }),
  password: Type.String({ minLength: 1, maxLength: passwordLengths.most }),
});

/** What is left of a lease's limits, in base units and in minor units of value; null: no limit. */
const leaseLeft = closed({
  limitPerEntry: count,
  limitCumulative: count,
  leftUnits: count,
  valuePerEntryMinor: nullable(count),
  leftValueMinor: nullable(count),
  validUntilMs: epochMs,
});

/** Who is signed in and what they may do now. Lists that are null mean: all. */
export const floorSession = closed({
  person: personId,
  name: Type.String(),
  role: oneOf(personRoles),
  may: Type.Array(oneOf(actTypes)),
  zones: nullable(Type.Array(name)),
  owners: nullable(Type.Array(name)),
  /** null: nothing lets this person act here; they may look. */
  lease: nullable(leaseLeft),
  /** Until then the password is good without the hub. */
  credentialUntilMs: epochMs,
  /** When the session ends unless it is used before. */
  expiresAt: epochMs,
});
export type FloorSession = Static<typeof floorSession>;

export const floorSite = closed({
  site: name,
  gateway: name,
  zones: Type.Array(closed({ id: name, status: stockStatus })),
  portals: Type.Array(closed({ id: name, zone: name })),
  /** Zones of other gateways that goods can be sent to; `site` where it is another one. */
  elsewhere: Type.Optional(
    Type.Array(closed({ id: name, gateway: name, site: Type.Optional(name) })),
  ),
  recountBy: oneOf(['other', 'anyone']),
  /** These acts are refused without a document. */
  onDocumentOnly: Type.Array(oneOf(['receive', 'ship'])),
});
export type FloorSite = Static<typeof floorSite>;

/** null: not shown, because this person counts here or a recount of the zone is open. */
const shownQuantity = nullable(Type.Integer({ description: 'in the base unit; may be negative' }));

const trackings = ['bulk', 'lot', 'serial-at-receipt', 'serial-at-shipment', 'serial'] as const;
const tracking = nullable(oneOf(trackings));

const floorStockRow = closed({
  zone: name,
  status: stockStatus,
  owner: name,
  item: itemNumber,
  lot: nullable(lotNumber),
  handlingUnit: nullable(unitId),
  quantity: shownQuantity,
  /** The box was replaced, and the zone has not been counted since: what lies there may be other. */
  unsure: Type.Optional(Type.Literal(true)),
});
export type FloorStockRow = Static<typeof floorStockRow>;

const rowLimit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 }));

export const floorStockQuery = closed({
  zone: Type.Optional(name),
  item: Type.Optional(itemNumber),
  unit: Type.Optional(unitId),
  limit: rowLimit,
});

export const floorStock = closed({
  asOfMs: epochMs,
  rows: Type.Array(floorStockRow),
  /** There are more rows than `limit`. */
  more: Type.Boolean(),
});
export type FloorStock = Static<typeof floorStock>;

/** A unit with what is directly in it. */
const unitFields = {
  unit: unitId,
  parent: nullable(unitId),
  /** null: expected, or gone. */
  zone: nullable(name),
  state: oneOf(['expected', 'here', 'gone']),
  document: nullable(documentId),
  serials: Type.Array(epc),
  goods: Type.Array(
    closed({ owner: name, item: itemNumber, lot: nullable(lotNumber), quantity: shownQuantity }),
  ),
};

const floorUnit = closed({
  ...unitFields,
  /** What readers saw of it when they saw it last; null: nothing, or it is being counted here. */
  seen: nullable(
    closed({ seen: count, of: count, place: name, atMs: epochMs, unread: Type.Array(epc) }),
  ),
  /** All units within it, outer ones first; who is in whom says `parent`. */
  within: Type.Array(closed(unitFields)),
});
export type FloorUnit = Static<typeof floorUnit>;

/** null: not shown, because this person counts in the document's zone or a recount of it is open. */
const shownProgress = nullable(count);

const documentFields = {
  id: documentId,
  type: oneOf(['receipt', 'shipment']),
  version: Type.Integer(),
  state: oneOf(['open', 'closed']),
  partner: nullable(Type.String()),
  expectedAtMs: nullable(epochMs),
  zone: nullable(name),
  expected: count,
  /** Of all lines together. */
  seen: shownProgress,
  /** Every line has what it expects, and none more than it may; null as `seen` is. */
  complete: nullable(Type.Boolean()),
};

const floorDocumentRow = closed(documentFields);
export type FloorDocumentRow = Static<typeof floorDocumentRow>;

export const floorDocumentsQuery = closed({
  state: Type.Optional(oneOf(['open', 'closed'])),
});
/** Open ones first by expected time; at most 500. */
export const floorDocuments = closed({
  asOfMs: epochMs,
  documents: Type.Array(floorDocumentRow),
  more: Type.Boolean(),
});
export type FloorDocuments = Static<typeof floorDocuments>;

export const floorDocumentQuery = closed({ id: documentId });
export const floorDocument = closed({
  asOfMs: epochMs,
  ...documentFields,
  lines: Type.Array(
    closed({
      line: Type.Integer(),
      item: itemNumber,
      lot: nullable(lotNumber),
      owner: name,
      tracking,
      expected: count,
      seen: shownProgress,
      /** More is refused: expected and tolerance, less what was seen. */
      room: shownProgress,
      serials: Type.Array(epc),
    }),
  ),
  units: Type.Array(
    closed({
      unit: unitId,
      parent: nullable(unitId),
      state: oneOf(['expected', 'here', 'gone']),
      zone: nullable(name),
    }),
  ),
});
export type FloorDocument = Static<typeof floorDocument>;

/** `text`: what was scanned or typed: EPC, GS1 code, unit, document, item, lot. */
export const floorFindQuery = closed({
  text: Type.String({ minLength: 1, maxLength: 2048 }),
  limit: rowLimit,
});

export const floorFound = closed({
  asOfMs: epochMs,
  /** What the text says as a barcode; `form` `text`: only itself. */
  code: scannedCode,
  /** The EPC that it is, or the one that a GTIN with a serial stands for here; null: neither. */
  epc: nullable(epc),
  item: nullable(closed({ item: itemNumber, tracking })),
  lot: nullable(lotNumber),
  /** The unit that it names, whether known here or not. */
  unit: nullable(unitId),
  rows: Type.Array(floorStockRow),
  serials: Type.Array(
    closed({
      epc,
      item: itemNumber,
      zone: nullable(name),
      status: nullable(stockStatus),
      unit: nullable(unitId),
      /** Where readers have it now. */
      seenIn: nullable(name),
    }),
  ),
  units: Type.Array(floorUnit),
  documents: Type.Array(floorDocumentRow),
  /** Lines of open documents that still want the item. */
  expectedOn: Type.Array(
    closed({
      document: documentId,
      type: oneOf(['receipt', 'shipment']),
      line: Type.Integer(),
      lot: nullable(lotNumber),
      owner: name,
      expected: count,
      seen: shownProgress,
      room: shownProgress,
    }),
  ),
});
export type FloorFound = Static<typeof floorFound>;

/**
 * What to count in a zone: never how much. From now on this session is shown no quantity of the
 * zone until it has counted there, for half an hour at most. `task` names the recount that it is for.
 */
export const floorCountSheetQuery = closed({ zone: name, task: Type.Optional(taskId) });
export const floorCountSheet = closed({
  asOfMs: epochMs,
  zone: name,
  /** Pass it on as the act's `recountOf`; null: a first count. */
  recountOf: nullable(Type.String()),
  lines: Type.Array(
    closed({
      item: itemNumber,
      lot: nullable(lotNumber),
      owner: name,
      handlingUnit: nullable(unitId),
      tracking,
    }),
  ),
});
export type FloorCountSheet = Static<typeof floorCountSheet>;

const floorTask = closed({ ...taskOpened.properties, id: taskId, openedAtMs: epochMs });
export type FloorTask = Static<typeof floorTask>;
/** Open tasks, oldest first; at most 500. */
export const floorTasks = closed({
  asOfMs: epochMs,
  tasks: Type.Array(floorTask),
  more: Type.Boolean(),
});
export type FloorTasks = Static<typeof floorTasks>;

const floorRefused = closed({
  /** The user name, the client id or the certificate that it came with. */
  who: Type.String({ maxLength: 200 }),
  address: Type.Optional(Type.String({ maxLength: 60 })),
  cause: Type.String({ maxLength: 200 }),
  remedy: Type.String({ maxLength: 200 }),
  count,
  lastMs: epochMs,
});
export type FloorRefused = Static<typeof floorRefused>;

export const floorDevices = closed({
  asOfMs: epochMs,
  devices: Type.Array(deviceHealth),
  alerts: Type.Array(alertFact),
  /** Who called and was not let in, the latest first. */
  refused: Type.Optional(Type.Array(floorRefused, { maxItems: 50 })),
  /** Those of the gateway itself, first. */
  secrets: Type.Optional(Type.Array(floorSecret)),
});
export type FloorDevices = Static<typeof floorDevices>;

/**
 * What is asked: an act of acts.ts without `person`, which the session says. `id` is made by the
 * page, new for each act (a UUID fits) and the same when it is sent again.
 */
export type FloorActBody = FloorAct extends infer A
  ? A extends FloorAct
    ? Omit<A, 'person'>
    : never
  : never;
export const floorActBody = /* @__PURE__ */ bodyOf();

function bodyOf() {
  const arms = floorAct.anyOf.map(({ properties: { person: _person, ...rest } }) => closed(rest));
  return Type.Unsafe<FloorActBody>(Type.Union(arms));
}

/**
 * An act that lies on a device and was made by somebody else than who is signed in there now. What
 * is said of its author cannot be checked: so nothing of it is ever applied. Where the author's
 * rights have ended it is kept and becomes a task `review-act`; else it waits for its author.
 */
export const floorLeftAct = /* @__PURE__ */ closed({ person: personId, act: floorActBody });
export type FloorLeftAct = Static<typeof floorLeftAct>;
export const floorLeftActAnswer = closed({
  act: Type.String(),
  outcome: oneOf(['kept-for-review', 'waits-for-author']),
});
export type FloorLeftActAnswer = Static<typeof floorLeftActAnswer>;

/**
 * What became of an act, sent once that is on disk. The same id is answered alike: from memory in
 * every word, and after a restart of the gateway with `repeated` true, from the journal, as long as
 * that has it.
 * No answer, or 503: nobody knows yet; send the same again.
 */
export const floorActAnswer = closed({
  act: Type.String(),
  outcome: oneOf(['applied', 'refused']),
  repeated: Type.Boolean(),
  refusal: nullable(
    closed({
      code: oneOf(actRefusals),
      /** With figures, where there are any: `5 of 3 units left`. */
      detail: Type.String(),
      /** The field of the act that is in the way, and its value; null: none is. */
      path: nullable(Type.String()),
      value: Type.Unknown(),
      remedy: Type.String(),
    }),
  ),
  /** The events that say it, as gateway/epoch/seq. */
  events: Type.Array(closed({ event: Type.String(), kind: Type.String() })),
  /** What it left to be done. */
  tasks: Type.Array(floorTask),
  /**
   * Of a sweep: what readers saw of what the book has there. Lists end at 500, `more` says so; null
   * also while this person counts in the zone.
   */
  sweep: nullable(
    closed({
      zone: name,
      booked: count,
      seen: count,
      inferred: count,
      missing: Type.Array(epc),
      unexpected: Type.Array(closed({ epc, bookedZone: nullable(name) })),
      /** Tags that are no serials of items. */
      unknown: count,
      more: Type.Boolean(),
    }),
  ),
  /** Of a count: what it led to; the figures only where it agrees, or two counts do. */
  count: nullable(
    closed({
      result: stockCounted.properties.result,
      lines: nullable(stockCounted.properties.lines),
    }),
  ),
});
export type FloorActAnswer = Static<typeof floorActAnswer>;
