import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, count, epochMs, name } from '../schema.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/**
 * One interruption and what became of it. `uplink`: link or hub away; `gateway`: process down;
 * `device`: silence; `gap`: samples that a polled device produced unseen; `intake`: acknowledgements
 * held on disk trouble. `kept` and `replayed` are events; null is unknown.
 */
const outage = closed({
  id: Type.String(),
  site: name,
  gateway: name,
  device: nullable(name),
  type: Type.Enum(['uplink', 'gateway', 'device', 'gap', 'intake']),
  state: Type.Enum(['open', 'draining', 'closed']),
  startedAt: epochMs,
  endedAt: nullable(epochMs),
  /** When the backlog was committed. */
  reconciledAt: nullable(epochMs),
  kept: nullable(count),
  replayed: nullable(count),
  lost: nullable(count),
  doubled: nullable(count),
  cause: Type.String(),
  headHashEqual: nullable(Type.Boolean()),
});
export type Outage = Static<typeof outage>;

export const outagesQuery = closed({
  fromMs: Type.Optional(epochMs),
  toMs: Type.Optional(epochMs),
  site: Type.Optional(name),
  type: Type.Optional(Type.Enum(['uplink', 'gateway', 'device', 'gap', 'intake'])),
});

export const outagesPage = closed({ asOfMs: epochMs, outages: Type.Array(outage) });
export type OutagesPage = Static<typeof outagesPage>;
