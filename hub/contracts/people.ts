import Type from 'typebox';
import type { Static } from 'typebox';
import { lease } from './acts.ts';
import { personId } from './goods.ts';
import { closed, epochMs, name, oneOf } from './schema.ts';

/**
 * The people of a site as its gateway knows them, so that they can work with the hub away: from a
 * file of the gateway, or pushed by the hub in the same form. A later `version` replaces an earlier
 * one whole.
 */
export const personRoles = ['counter', 'operator', 'supervisor'] as const;
export type PersonRole = (typeof personRoles)[number];

/** What is typed to sign in; letters count whichever case they are in. */
export const usernamePattern = '^[0-9A-Za-z](?:[0-9A-Za-z._@-]{0,38}[0-9A-Za-z])?$';
export const personUsername = Type.String({ pattern: usernamePattern });

/** The least that a password or PIN has: guesses are slowed, not ended. */
export const passwordLengths = { least: 6, most: 200 } as const;

/**
 * One person. `id` is what events carry, `name` stays out of them, so that it can be erased. Signing
 * in ends at `credentialUntilMs`, which whoever keeps the list moves on; `lease` is what the person
 * may do, and how much of it. After `revokedAtMs` neither counts: what was done since then is kept,
 * marked, and reviewed; so is what was done in the times of `revokedBefore`, which stay listed for as
 * long as a gateway may have been away and remembers acts.
 */
export const sitePerson = closed({
  id: personId,
  username: personUsername,
  name: Type.String({ minLength: 1, maxLength: 80 }),
  role: oneOf(personRoles),
  passwordHash: Type.String({
    pattern:
      '^\\$argon2id\\$v=19\\$m=[0-9]{4,6},t=[0-9]{1,2},p=[0-9]\\$[A-Za-z0-9+/]{11,86}\\$[A-Za-z0-9+/]{22,86}$',
    description: 'argon2id (RFC 9106) as a PHC string',
  }),
  credentialUntilMs: epochMs,
  lease: Type.Optional(lease),
  revokedAtMs: Type.Optional(epochMs),
  /** Times without rights that are over: let in again at `toMs`, under a new lease. */
  revokedBefore: Type.Optional(
    Type.Array(closed({ fromMs: epochMs, toMs: epochMs }), { maxItems: 50 }),
  ),
});
export type SitePerson = Static<typeof sitePerson>;

export const sitePeople = closed({
  v: Type.Literal(1),
  site: name,
  version: Type.Integer({ minimum: 0 }),
  people: Type.Array(sitePerson, { maxItems: 2000 }),
});
export type SitePeople = Static<typeof sitePeople>;
