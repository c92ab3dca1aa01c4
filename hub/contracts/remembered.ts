import Type from 'typebox';
import type { Static } from 'typebox';
import { actRefusals, actTypes } from './acts.ts';
import { actId, itemNumber, personId } from './goods.ts';
import { closed, epochMs, name, oneOf } from './schema.ts';

/**
 * What a gateway remembers so that nothing counts twice, and that a box in the place of a dead one is
 * given as far as events say it: acts, scans, rights that ended, and what was used of limits.
 */

/** A client that sends an act again does so within this time. */
export const actsRememberedMs = 30 * 24 * 3_600_000;
/**
 * How long a time without rights is known after it is over, and that somebody did something on a day:
 * a gateway that was away for so long still has it reviewed.
 */
export const rightsRememberedMs = 400 * 24 * 3_600_000;
/** How many scans of each device are remembered: the last ones. */
export const scansRemembered = 2048;

/** `outcome` as it was; times are the gateway's own, `actedAt` the client's as far as it was believed. */
export const rememberedAct = closed({
  act: actId,
  actedAt: epochMs,
  outcome: oneOf(['applied', ...actRefusals]),
  person: personId,
  receivedAt: epochMs,
  type: oneOf(actTypes),
});
export type RememberedAct = Static<typeof rememberedAct>;

/** `code` is a digest of the code's text: `scanDigest`. */
export const rememberedScan = closed({
  code: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  device: name,
  scan: Type.String({ minLength: 1, maxLength: 120 }),
});
export type RememberedScan = Static<typeof rememberedScan>;

/** So much a person adjusted of an item: what the limits of a lease that held then are used by. */
export const rememberedUse = closed({
  item: itemNumber,
  person: personId,
  receivedAt: epochMs,
  units: Type.Integer({ minimum: 1 }),
});
export type RememberedUse = Static<typeof rememberedUse>;

export const rememberedRevocation = closed({
  person: personId,
  revokedAt: epochMs,
  until: Type.Optional(epochMs),
});
export type RememberedRevocation = Static<typeof rememberedRevocation>;

/** Enough of a hash to tell that a scan's id was used for another code. */
export function scanDigest(text: string, sha256: (text: string) => string): string {
  return sha256(text).slice(0, 16);
}
