import Type from 'typebox';
import type { Static } from 'typebox';
import { alertFact, deviceHealth } from '../now-lane.ts';
import { closed, count, epochMs, name, sequence } from '../schema.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** What the hub can say of a gateway. `null` is unknown, and is drawn hatched, never as zero. */
const gatewayRow = closed({
  site: name,
  gateway: name,
  state: Type.Enum(['live', 'draining', 'silent', 'halted', 'never-seen']),
  stateReason: nullable(Type.String()),
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
  quarantined: nullable(count),
  devices: count,
  devicesSilent: count,
  devicesUncovered: count,
  startedAt: nullable(epochMs),
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
