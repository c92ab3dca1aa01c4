import Type from 'typebox';
import { itemNumber, lotNumber } from '../goods.ts';
import { closed, count, epochMs, name, oneOf } from '../schema.ts';

/** What the observers say about temperature and humidity of a zone. */

export const climateMeasures = ['temperature', 'humidity'] as const;
const bounds = ['below', 'above'] as const;

/** `value` and `limit` in thousandths of a °C, or permille of relative humidity. */
export const excursionStarted = closed({
  bound: oneOf(bounds),
  limit: Type.Integer(),
  measure: oneOf(climateMeasures),
  value: Type.Integer(),
  zone: name,
});

export const excursionEnded = closed({
  bound: oneOf(bounds),
  limit: Type.Integer(),
  measure: oneOf(climateMeasures),
  startedAt: epochMs,
  value: Type.Integer(),
  worst: Type.Integer(),
  zone: name,
});

/**
 * A sensor told after the fact that its zone was beyond a limit from `from` to `to`: it kept its
 * readings while it could not send them. `sensor` is `<device>/<name>`, the name empty where the
 * device is the sensor.
 */
export const excursionFound = closed({
  bound: oneOf(bounds),
  from: epochMs,
  limit: Type.Integer(),
  measure: oneOf(climateMeasures),
  /** How many readings were beyond it. */
  readings: Type.Integer({ minimum: 1 }),
  sensor: Type.String({ maxLength: 200 }),
  to: epochMs,
  worst: Type.Integer(),
  zone: name,
});

/** Goods of one lot in a zone, from when they came (`since`) until the event. */
const exposedLot = closed({
  /** So much of that time is a temperature known of. */
  coveredMs: count,
  item: itemNumber,
  lot: Type.Optional(lotNumber),
  /** Mean kinetic temperature (USP <1160>) in thousandths of a °C; absent where none is known. */
  meanKineticMilliC: Type.Optional(Type.Integer()),
  owner: name,
  quantity: Type.Integer({ minimum: 1 }),
  since: epochMs,
});

/**
 * The perishable goods that were in a zone during a temperature excursion: said when it ends, and of
 * a lot that leaves before. At most 500 lots in an event: part `part` of `parts`.
 */
export const lotsExposed = closed({
  bound: oneOf(bounds),
  limit: Type.Integer(),
  lots: Type.Array(exposedLot, { minItems: 1, maxItems: 500 }),
  measure: oneOf(climateMeasures),
  part: Type.Integer({ minimum: 1 }),
  parts: Type.Integer({ minimum: 1 }),
  startedAt: epochMs,
  zone: name,
});

/**
 * Of a lot that was in a zone then; `toZone` absent: it left the zones of the gateway. `fromZone` is
 * where it left them from later, of goods that are named already as gone on.
 */
const goneLot = closed({
  fromZone: Type.Optional(name),
  item: itemNumber,
  leftAt: epochMs,
  lot: Type.Optional(lotNumber),
  owner: name,
  quantity: Type.Integer({ minimum: 1 }),
  since: Type.Optional(epochMs),
  toZone: Type.Optional(name),
});

/**
 * Perishable goods that had left a zone by the time a sensor told that it had been beyond a limit from
 * `from` to `to` (`climate.excursion-found`). What is still with this gateway goes on hold where it is;
 * of what is not, this is all that can be said. At most 500 in an event: part `part` of `parts`.
 */
export const goodsLeft = closed({
  bound: oneOf(bounds),
  from: epochMs,
  limit: Type.Integer(),
  lots: Type.Array(goneLot, { minItems: 1, maxItems: 500 }),
  measure: oneOf(climateMeasures),
  part: Type.Integer({ minimum: 1 }),
  parts: Type.Integer({ minimum: 1 }),
  sensor: Type.String({ maxLength: 200 }),
  to: epochMs,
  zone: name,
});
