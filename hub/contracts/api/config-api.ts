import Type from 'typebox';
import type { Static } from 'typebox';
import { configOwners, downlinkFault } from '../downlink.ts';
import { closed, count, epochMs, hash, name } from '../schema.ts';

/** Site configurations at the hub: versions, pushes in waves, and where each gateway stands. */

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** Some megabytes of YAML is a site of thousands of devices and items. */
export const maxConfigBytes = 8 * 1_048_576;

const note = Type.String({ maxLength: 300, description: 'what it is for, in words' });
const versionNumber = Type.Integer({ minimum: 1 });

export const newConfigVersion = closed({
  note,
  text: Type.String({ minLength: 1, maxLength: maxConfigBytes, description: 'YAML' }),
});
export type NewConfigVersion = Static<typeof newConfigVersion>;

const versionFields = {
  version: versionNumber,
  hash,
  note,
  author: Type.String(),
  createdAt: epochMs,
  bytes: count,
};
export const configVersion = closed(versionFields);
export type ConfigVersion = Static<typeof configVersion>;

export const configVersionText = closed({ ...versionFields, text: Type.String() });
export type ConfigVersionText = Static<typeof configVersionText>;

export const configVersions = closed({ versions: Type.Array(configVersion) });

export const newConfigPush = closed({
  version: versionNumber,
  gateways: Type.Array(name, { minItems: 1, maxItems: 2000, uniqueItems: true }),
  /** How many get it at a time. */
  waveSize: Type.Integer({ minimum: 1, maximum: 2000 }),
});
export type NewConfigPush = Static<typeof newConfigPush>;

/**
 * `waiting`: its wave has not begun. `sent`: it has not answered. `deferred`: the gateway keeps it
 * until its local override ends. `left-out`: the push ended before.
 */
const pushedStates = [
  'waiting',
  'sent',
  'deferred',
  'trial',
  'applied',
  'returned',
  'refused',
  'left-out',
] as const;

const pushedGateway = closed({
  gateway: name,
  site: name,
  wave: Type.Integer({ minimum: 1 }),
  state: Type.Enum([...pushedStates]),
  sentAt: nullable(epochMs),
  settledAt: nullable(epochMs),
  /** Why it was not taken. */
  reason: nullable(Type.String()),
  faults: Type.Array(downlinkFault),
});
export type PushedGatewayRow = Static<typeof pushedGateway>;

export const configPush = closed({
  push: Type.Integer({ minimum: 1 }),
  version: versionNumber,
  waveSize: Type.Integer({ minimum: 1 }),
  waves: count,
  state: Type.Enum(['running', 'done', 'stopped', 'cancelled']),
  /** What it waits for, or why it ended early; null where there is nothing to say. */
  reason: nullable(Type.String()),
  author: Type.String(),
  createdAt: epochMs,
  endedAt: nullable(epochMs),
  gateways: Type.Array(pushedGateway),
});
export type ConfigPush = Static<typeof configPush>;

export const configPushes = closed({ asOfMs: epochMs, pushes: Type.Array(configPush) });
export type ConfigPushes = Static<typeof configPushes>;

/**
 * Where a gateway stands. `in-step`: the version it was last given is in force, unchanged.
 * `override`: a person at the site put another one in force for a while. `on-the-way`: given, not answered. `trial`: in force, not confirmed. `refused`, `returned`: it did
 * not take it. `drift`: what is in force is not what its last version made. `file`: its own file
 * owns it. `none`: it was never given any. `unknown`: it has not said anything.
 */
const configStandings = [
  'in-step',
  'override',
  'on-the-way',
  'trial',
  'refused',
  'returned',
  'drift',
  'file',
  'none',
  'unknown',
] as const;

const configStanding = closed({
  site: name,
  gateway: name,
  standing: Type.Enum([...configStandings]),
  owner: nullable(Type.Enum([...configOwners])),
  /** The version it was last given. */
  wantedVersion: nullable(versionNumber),
  /** The version whose content is in force; null: of none that the hub gave it. */
  inForceVersion: nullable(versionNumber),
  inForceHash: nullable(hash),
  appliedAt: nullable(epochMs),
  trialUntil: nullable(epochMs),
  heardAt: nullable(epochMs),
  override: nullable(
    closed({
      by: Type.String(),
      reason: Type.String(),
      since: epochMs,
      /** For a moment it may lie in the past, while the gateway hands back. */
      until: epochMs,
      /** The version that waits for its end. */
      deferredVersion: nullable(versionNumber),
    }),
  ),
  refused: nullable(
    closed({
      version: nullable(versionNumber),
      code: Type.String(),
      text: Type.String(),
      atMs: epochMs,
      faults: Type.Array(downlinkFault),
    }),
  ),
});
export type ConfigStanding = Static<typeof configStanding>;

export const fleetConfig = closed({ asOfMs: epochMs, gateways: Type.Array(configStanding) });
export type FleetConfig = Static<typeof fleetConfig>;
