import Type from 'typebox';
import type { Static } from 'typebox';
import { alertFact, deviceHealth } from '../now-lane.ts';
import { closed, count, epochMs, name, sequence } from '../schema.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

const stuckLane = closed({
  code: Type.String({ description: 'of the fault table' }),
  seq: Type.Integer({ minimum: 1, description: 'first event that is not taken' }),
  sinceMs: epochMs,
});
export type StuckLane = Static<typeof stuckLane>;

/** What the hub can say of a gateway. `null` is unknown, and is drawn hatched, never as zero. */
const gatewayRow = closed({
  site: name,
  gateway: name,
  state: Type.Enum(['live', 'draining', 'silent', 'halted', 'stuck', 'never-seen']),
  stateReason: nullable(Type.String()),
  stuck: Type.Union([stuckLane, Type.Null()], {
    description: 'its next events, which the hub itself fails on; the gateway keeps them',
  }),
  /** When the hub first heard of it: before that nobody can say what it did. */
  firstSeenAt: nullable(epochMs),
  lastHeardAt: nullable(epochMs),
  epoch: nullable(Type.Integer()),
  committedSeq: sequence,
  headSeq: nullable(sequence),
  backlogEvents: nullable(count),
  clockSkewMs: nullable(Type.Integer({ description: 'gateway minus hub' })),
  readsPerMinute: nullable(count),
  intake: nullable(Type.Enum(['open', 'held'])),
  roomBytes: nullable(count),
  /** Messages that the gateway could not read. */
  quarantined: nullable(count),
  /** Messages and events of this gateway that the hub put aside, since it was registered. */
  quarantinedAtHub: count,
  devices: count,
  devicesSilent: count,
  devicesUncovered: count,
  startedAt: nullable(epochMs),
  /** The box was replaced, and what came of that is not over: it has not begun, or zones are uncounted. */
  replaced: Type.Optional(
    closed({
      at: epochMs,
      /** The new box has begun its journal. */
      begun: Type.Boolean(),
      openRecounts: count,
      /** What the former box saw in this time nobody knows. */
      uncertainFrom: epochMs,
      uncertainTo: epochMs,
    }),
  ),
  version: nullable(Type.String()),
});
export type GatewayRow = Static<typeof gatewayRow>;

const deviceRow = closed({
  site: name,
  gateway: name,
  /** Time of the facts this row shows. */
  factsAt: epochMs,
  ...deviceHealth.properties,
});
export type DeviceRow = Static<typeof deviceRow>;

const alertRow = closed({
  site: name,
  gateway: name,
  factsAt: epochMs,
  ...alertFact.properties,
});
export type AlertRow = Static<typeof alertRow>;

export const fleet = closed({
  asOfMs: epochMs,
  gateways: Type.Array(gatewayRow),
  devices: Type.Array(deviceRow),
  alerts: Type.Array(alertRow),
});
export type Fleet = Static<typeof fleet>;
