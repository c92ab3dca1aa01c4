import Type from 'typebox';
import type { Static } from 'typebox';
import { stockStatus } from '../posting.ts';
import { closed, count, epochMs, name, sequence, timeQuality } from '../schema.ts';

/**
 * How complete a figure is: the hub's state at `asOfMs`; `behind` lists the gateways whose newer
 * events are not in it yet, or of which nobody can say, so that unknown is never shown as zero.
 */
const completeness = closed({
  asOfMs: epochMs,
  behind: Type.Array(
    closed({
      site: name,
      gateway: name,
      waitingEvents: Type.Union([count, Type.Null()], { description: 'null: nobody knows' }),
      lastHeardAt: Type.Union([epochMs, Type.Null()]),
    }),
  ),
});
export type Completeness = Static<typeof completeness>;

const stockRow = closed({
  site: name,
  zone: name,
  status: stockStatus,
  owner: name,
  item: Type.String(),
  lot: Type.Union([Type.String(), Type.Null()]),
  handlingUnit: Type.Union([Type.String(), Type.Null()]),
  quantity: Type.Integer({ description: 'in the base unit; negative is a flagged discrepancy' }),
  /** The event that last changed the row: gateway/epoch/seq. */
  lastEvent: Type.String(),
  changedAt: epochMs,
});
export type StockRow = Static<typeof stockRow>;

export const stockQuery = closed({
  site: Type.Optional(name),
  zone: Type.Optional(name),
  status: Type.Optional(stockStatus),
  item: Type.Optional(Type.String({ maxLength: 80, description: 'item number begins with' })),
  sort: Type.Optional(Type.Enum(['site', 'zone', 'item', 'status', 'quantity', 'changedAt'])),
  order: Type.Optional(Type.Enum(['asc', 'desc'])),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
});
export type StockQuery = Static<typeof stockQuery>;

export const stockPage = closed({
  rows: Type.Array(stockRow),
  total: count,
  totalQuantity: Type.Integer(),
  completeness,
});
export type StockPage = Static<typeof stockPage>;

/** One ledger line behind a stock row. */
const movement = closed({
  event: Type.String({ description: 'gateway/epoch/seq' }),
  kind: Type.String(),
  occurredAt: epochMs,
  receivedAt: epochMs,
  recordedAt: epochMs,
  device: Type.Union([Type.String(), Type.Null()]),
  quantity: Type.Integer(),
  counterAccount: Type.String(),
  serials: Type.Array(Type.String()),
  certaintyPermille: Type.Union([Type.Integer(), Type.Null()]),
});
export type Movement = Static<typeof movement>;

export const movementsQuery = closed({
  site: name,
  zone: name,
  status: stockStatus,
  owner: name,
  item: Type.String({ maxLength: 80 }),
  lot: Type.Optional(Type.String({ maxLength: 40 })),
  handlingUnit: Type.Optional(Type.String({ maxLength: 80 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  cursor: Type.Optional(
    Type.String({
      pattern: '^[0-9]{1,16}_[0-9]{1,6}$',
      description: 'nextCursor of the page before',
    }),
  ),
});
export type MovementsQuery = Static<typeof movementsQuery>;

export const movementsPage = closed({
  rows: Type.Array(movement),
  total: count,
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'null: no older line' }),
});
export type MovementsPage = Static<typeof movementsPage>;

/** An event with its evidence: the exact text, its hash, and whether the chain held when it came. */
export const eventEvidence = closed({
  event: Type.String(),
  site: name,
  header: Type.String({ description: 'canonical text' }),
  payload: Type.String({ description: 'canonical text' }),
  hash: Type.String(),
  previousHash: Type.String(),
  recordedAt: epochMs,
  state: Type.Enum(['applied', 'parked', 'quarantined']),
  /** Last position of the signed batch it came in. */
  signedSeq: sequence,
  keyId: Type.String(),
  signature: Type.String(),
  /** Its first line aside, the exact text of which this is the signature; absent: none was. */
  checkpoint: Type.Optional(Type.String({ description: 'canonical text' })),
  /** The epoch that the event is of: what its genesis hash is made of. */
  epochIdentity: Type.Optional(Type.String({ description: 'canonical text' })),
  /** Where its times are `unjudged`: what they are taken for since its gateway's clock was right. */
  corrected: Type.Optional(
    closed({ receivedAt: epochMs, occurredAt: epochMs, timeQuality: timeQuality }),
  ),
  /** Recomputed now, from the stored text. */
  chainVerified: Type.Boolean(),
  signatureVerified: Type.Boolean(),
});
export type EventEvidence = Static<typeof eventEvidence>;
