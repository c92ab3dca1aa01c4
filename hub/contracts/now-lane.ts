import Type from 'typebox';
import type { Static } from 'typebox';
import { encodeCanonical } from './canonical.ts';
import { closed, count, epochMs, name, oneOf, sequence } from './schema.ts';

/**
 * The *now* lane: current facts, signed, coalesced, provisional. They are shown, never posted, so
 * that a long backlog on the ordered lane does not hide the present. Each says which journal
 * position it reflects.
 */

const gatewayHealth = closed({
  backlogEvents: count,
  committedSeq: sequence,
  headSeq: sequence,
  intake: oneOf(['open', 'held']),
  intakeBacklog: count,
  quarantined: count,
  readsPerMinute: count,
  roomBytes: count,
  startedAt: epochMs,
  uplink: oneOf(['live', 'draining', 'halted']),
  version: Type.String({ maxLength: 40 }),
});

/** Why connections of a device that calls the gateway were closed, each with how often. */
const lineFaults = closed({
  framesCut: Type.Integer({ minimum: 0, description: 'it announced a frame above 1 MiB' }),
  notRead: Type.Integer({ minimum: 0, description: 'it did not read what was sent to it' }),
  protocolFaults: Type.Integer({ minimum: 0, description: 'what it sent is not MQTT 3.1.1' }),
});
export type LineFaultCounts = Static<typeof lineFaults>;

const coverReasons = ['qos0', 'no-buffer', 'polled'] as const;

/** A message that names 500 devices with so many zones each stays far below what NATS carries. */
export const maxDeviceZones = 16;

export const deviceHealth = closed({
  clockSkewMs: Type.Optional(Type.Integer({ description: 'device minus gateway' })),
  connected: Type.Boolean(),
  covered: Type.Boolean({ description: 'inside the no-loss guarantee' }),
  device: name,
  /** What keeps it, or parts of it, from being read; `sinceMs` is when that was first found. */
  faults: Type.Optional(
    Type.Array(
      closed({
        code: Type.String({ maxLength: 60 }),
        sinceMs: epochMs,
        subject: Type.Optional(Type.String({ maxLength: 120 })),
        text: Type.String({ maxLength: 500 }),
      }),
      { maxItems: 50 },
    ),
  ),
  lastHeardAt: Type.Optional(epochMs),
  /** Connections that had to be closed since the gateway started; absent where there were none. */
  lineFaults: Type.Optional(lineFaults),
  profile: Type.String({ maxLength: 40 }),
  quarantined: count,
  readsPerMinute: count,
  silent: Type.Boolean(),
  uncoveredReason: Type.Optional(oneOf(coverReasons)),
  /** Its own, where it has one. */
  zone: Type.Optional(name),
  /** Where it, its antennas and its sensors are; absent where that is `zone` alone. */
  zones: Type.Optional(Type.Array(name, { maxItems: maxDeviceZones })),
  /** How many more there are than `zones` names. */
  moreZones: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type DeviceHealth = Static<typeof deviceHealth>;

export const alertFact = closed({
  device: Type.Optional(name),
  id: Type.String({ maxLength: 120 }),
  open: Type.Boolean(),
  openedAt: epochMs,
  text: Type.String({ maxLength: 200 }),
  type: oneOf([
    'excursion',
    'silence',
    'gap',
    'intake-held',
    'conflict',
    'machine-alarm',
    'device-fault',
    'gateway-fault',
  ]),
  zone: Type.Optional(name),
});
export type AlertFact = Static<typeof alertFact>;

export const nowFacts = closed({
  alerts: Type.Array(alertFact, { maxItems: 500 }),
  atMs: epochMs,
  devices: Type.Array(deviceHealth, { maxItems: 500 }),
  epoch: Type.Integer({ minimum: 1 }),
  gateway: name,
  health: gatewayHealth,
  number: sequence,
  seq: sequence,
  site: name,
  tenant: name,
  v: Type.Literal(1),
});
export type NowFacts = Static<typeof nowFacts>;

export const signedNowFacts = closed({
  facts: nowFacts,
  signature: Type.String({ maxLength: 100 }),
});
export type SignedNowFacts = Static<typeof signedNowFacts>;

export function nowFactsText(of: NowFacts): string {
  return `holdfast-now-1\n${encodeCanonical(of)}`;
}
