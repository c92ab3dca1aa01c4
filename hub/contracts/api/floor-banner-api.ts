import Type from 'typebox';
import type { Static } from 'typebox';
import { clockDoubts } from '../kinds/gateway-kinds.ts';
import { closed, count, epochMs, oneOf } from '../schema.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** Is the hub there, and how long can it stay away. */
export const floorBanner = closed({
  asOfMs: epochMs,
  version: Type.String(),
  hub: closed({
    state: oneOf(['live', 'draining', 'halted', 'away']),
    /** Since when the hub is away; null: it is there, or was not yet since the gateway began. */
    sinceMs: nullable(epochMs),
    reason: nullable(Type.String()),
  }),
  /** Events that are kept for the hub. */
  queuedEvents: count,
  /** Entries that are on disk and not in the journal yet. */
  backlogEntries: count,
  intake: closed({
    state: oneOf(['open', 'held']),
    reason: nullable(Type.String()),
    sinceMs: nullable(epochMs),
  }),
  /** `blocked`: the disk has no room for what is to be written next; nothing is lost. */
  journal: oneOf(['open', 'blocked']),
  /** A local config that is in force for a while in the place of the site's; null: none. */
  override: nullable(
    closed({
      by: Type.String(),
      reason: Type.String(),
      sinceMs: epochMs,
      untilMs: epochMs,
      /** The hub sent another config meanwhile, which waits for the end of this one. */
      deferred: Type.Boolean(),
    }),
  ),
  room: closed({
    bytes: count,
    /** At the rate at which room went so far; null: not known yet, or it does not shrink. */
    days: nullable(Type.Number({ minimum: 0 })),
  }),
  /** Ahead of the system clock, which was set back or lost its battery. */
  clockAheadMs: count,
  /** The gateway's own clock is not believed, and times of events are marked; absent: it is. */
  clockDoubt: Type.Optional(closed({ reason: oneOf(clockDoubts), sinceMs: epochMs })),
});
export type FloorBanner = Static<typeof floorBanner>;
