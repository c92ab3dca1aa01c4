import Type from 'typebox';
import type { Static } from 'typebox';
import { passwordLengths, personRoles, personUsername } from '../people.ts';
import { closed, count, epochMs, name, oneOf } from '../schema.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** People of the floor pages, as the hub keeps them and sends them to the gateways of their sites. */

const sites = Type.Array(name, { minItems: 1, maxItems: 200 });
const zones = Type.Array(name, { minItems: 1, maxItems: 500 });
const password = Type.String({
  minLength: passwordLengths.least,
  maxLength: passwordLengths.most,
  pattern: '^[^\\r\\n]+$',
});
const units = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const days = Type.Integer({
  minimum: 1,
  maximum: 365,
  description: 'a gateway that does not hear of the hub lets them in for this long',
});
const personName = Type.String({ minLength: 1, maxLength: 80 });

const sitePersonRow = closed({
  /** What events carry. */
  id: Type.String(),
  username: Type.String(),
  name: Type.String(),
  role: oneOf(personRoles),
  sites: Type.Array(name),
  /** null: all. */
  zones: nullable(Type.Array(name)),
  limitEntry: count,
  limitTotal: count,
  offlineDays: count,
  /** Until then gateways let them in, unless they hear otherwise. */
  credentialUntil: epochMs,
  revokedAt: nullable(epochMs),
});
export type SitePersonRow = Static<typeof sitePersonRow>;

export const sitePersonBody = sitePersonRow;

/** Gateways whose list is not the newest: they have not heard, or could not take it. */
const waitingGateway = closed({ gateway: name, site: name });

export const sitePeoplePage = closed({
  asOfMs: epochMs,
  people: Type.Array(sitePersonRow),
  waiting: Type.Array(waitingGateway),
  /** What people may be kept to, by site; `isComplete`: there are no others. */
  zones: Type.Array(closed({ site: name, zones: Type.Array(name), isComplete: Type.Boolean() })),
});
export type SitePeoplePage = Static<typeof sitePeoplePage>;

const terms = {
  limitEntry: Type.Optional(units),
  limitTotal: Type.Optional(units),
  offlineDays: Type.Optional(days),
};

export const newSitePerson = closed({
  username: personUsername,
  name: personName,
  role: oneOf(personRoles),
  sites,
  password,
  zones: Type.Optional(zones),
  ...terms,
});
export type NewSitePerson = Static<typeof newSitePerson>;

/** What is left out stays. A password lets somebody in again whose rights were ended. */
export const sitePersonChange = closed({
  name: Type.Optional(personName),
  role: Type.Optional(oneOf(personRoles)),
  sites: Type.Optional(sites),
  password: Type.Optional(password),
  zones: Type.Optional(nullable(zones)),
  ...terms,
});
export type SitePersonChange = Static<typeof sitePersonChange>;

/** Rights end at `at`, maybe a while ago; absent: now. */
export const sitePersonRevocation = closed({ at: Type.Optional(epochMs) });

export const sitePersonPath = closed({ person: Type.String({ minLength: 1, maxLength: 80 }) });
