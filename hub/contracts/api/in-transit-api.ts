import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, count, epochMs, name } from '../schema.ts';

/** What is on its way between gateways: the balances of the lanes. */
const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

const end = closed({ gateway: Type.String(), site: nullable(name) });

const laneRow = closed({
  lane: Type.String(),
  from: end,
  to: end,
  /** Left and not arrived, in base units. */
  onTheWay: count,
  /** Arrived, and nothing says that it left. */
  notSent: count,
  /** Since when the longest is open. */
  since: epochMs,
  /** Transfers that are open. */
  transfers: count,
});
export type LaneRow = Static<typeof laneRow>;

const inTransitRow = closed({
  lane: Type.String(),
  owner: name,
  item: Type.String(),
  lot: nullable(Type.String()),
  handlingUnit: nullable(Type.String()),
  /** Of a single thing that left by its name. */
  epc: nullable(Type.String()),
  quantity: Type.Integer({ description: 'negative: it arrived, and nothing says that it left' }),
  since: epochMs,
  lastEvent: Type.String(),
});
export type InTransitRow = Static<typeof inTransitRow>;

export const inTransitQuery = closed({
  site: Type.Optional(name),
  item: Type.Optional(Type.String({ maxLength: 80, description: 'item number begins with' })),
  lane: Type.Optional(Type.String({ maxLength: 100 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  offset: Type.Optional(count),
});
export type InTransitQuery = Static<typeof inTransitQuery>;

/** Lanes and rows, the longest open first. */
export const inTransitPage = closed({
  asOfMs: epochMs,
  lanes: Type.Array(laneRow),
  rows: Type.Array(inTransitRow),
  total: count,
});
export type InTransitPage = Static<typeof inTransitPage>;
