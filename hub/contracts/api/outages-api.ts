import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, count, epochMs, name } from '../schema.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

const types = ['uplink', 'gateway', 'lane', 'device', 'gap', 'intake'] as const;

/**
 * One interruption and what became of it. `uplink`: link or hub away; `gateway`: process down;
 * `lane`: halted by the hub, because gateway and hub hold different histories;
 * `device`: silence; `gap`: samples that a polled device produced unseen; `intake`: acknowledgements
 * held on disk trouble. `kept`, `replayed` and `lost` are events; null is unknown. How often an event
 * was applied twice is no figure here: its place in the ledger is a unique key.
 */
const outage = closed({
  id: Type.String(),
  site: name,
  gateway: name,
  device: nullable(name),
  type: Type.Enum([...types]),
  state: Type.Enum(['open', 'draining', 'halted', 'closed'], {
    description: 'halted: gateway and hub hold different histories, so that nothing comes in',
  }),
  startedAt: epochMs,
  endedAt: nullable(epochMs),
  /** When the backlog was committed. */
  reconciledAt: nullable(epochMs),
  kept: nullable(count),
  replayed: nullable(count),
  lost: nullable(Type.Integer({ minimum: 0, description: 'of those kept, not recorded here' })),
  cause: Type.String(),
  endedBy: nullable(
    Type.String({ description: 'the event that told its end, gateway/epoch/seq: its evidence' }),
  ),
  release: nullable(
    closed(
      { by: Type.String(), reason: Type.String() },
      { description: 'of a lane: who let it go on, and why' },
    ),
  ),
});
export type Outage = Static<typeof outage>;

export const outagesQuery = closed({
  fromMs: Type.Optional(epochMs),
  toMs: Type.Optional(epochMs),
  site: Type.Optional(name),
  type: Type.Optional(
    Type.String({
      pattern: `^(?:${types.join('|')})(?:,(?:${types.join('|')}))*$`,
      description: 'one or more, with commas between them',
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  cursor: Type.Optional(
    Type.String({
      pattern: '^(lasting|ended)_-?[0-9]{1,16}_[a-z0-9/-]{1,120}$',
      description: 'nextCursor of the page before',
    }),
  ),
});
export type OutagesQuery = Static<typeof outagesQuery>;

/** First what lasts, the newest first; then what ended, the last to end first. */
export const outagesPage = closed({
  asOfMs: epochMs,
  outages: Type.Array(outage),
  nextCursor: nullable(Type.String({ description: 'null: these were the last' })),
});
export type OutagesPage = Static<typeof outagesPage>;
