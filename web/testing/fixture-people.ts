import type { SitePeoplePage, SitePersonRow } from '#contracts/api/site-people-api.ts';

/** Invented people in the shape of the contracts, for tests only: of each role, and one who left. */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export function fixturePeople(nowMs: number, empty: boolean): SitePeoplePage {
  return {
    asOfMs: nowMs,
    people: empty ? [] : people(nowMs),
    waiting: empty ? [] : [{ gateway: 'basel-1', site: 'basel' }],
    zones: [
      { site: 'basel', zones: ['floor', 'yard'], isComplete: true },
      { site: 'lyon', zones: ['cold-2', 'dock-2', 'storage'], isComplete: true },
      { site: 'metz', zones: ['hall'], isComplete: false },
      { site: 'rotterdam', zones: ['quay'], isComplete: true },
    ],
  };
}

function people(nowMs: number): SitePersonRow[] {
  return [
    person(nowMs, 'anna.berg', 'Anna Berg', {
      role: 'supervisor',
      sites: ['lyon', 'metz'],
      limitEntry: 25,
      limitTotal: 250,
    }),
    person(nowMs, 'emil', 'Emil Rossi', { role: 'counter', sites: ['basel'], zones: ['floor'] }),
    person(nowMs, 'jo.martin', 'Jo Martin', {
      role: 'supervisor',
      sites: ['rotterdam'],
      limitEntry: 10,
      limitTotal: 100,
      offlineDays: 2,
      credentialUntil: nowMs + 2 * dayMs,
    }),
    person(nowMs, 'lea', 'Léa Moreau', { sites: ['lyon'] }),
    person(nowMs, 'nils', 'Nils Vermeer', { sites: ['rotterdam'] }),
    person(nowMs, 'old.hand', 'Olga Handke', {
      sites: ['basel', 'lyon'],
      revokedAt: nowMs - 3 * hourMs,
    }),
  ];
}

function person(
  nowMs: number,
  username: string,
  name: string,
  of: Partial<SitePersonRow>,
): SitePersonRow {
  return {
    id: `p-${Buffer.from(username).toString('hex').padEnd(12, '0').slice(0, 12)}`,
    username,
    name,
    role: 'operator',
    sites: [],
    zones: null,
    limitEntry: 0,
    limitTotal: 0,
    offlineDays: 7,
    credentialUntil: nowMs + 7 * dayMs,
    revokedAt: null,
    ...of,
  };
}

/**
 * What the hub makes of a request about people. Its gateways have not taken it yet.
 *
 * @returns undefined where the user name is taken.
 */
export function takePerson(
  page: SitePeoplePage,
  path: string,
  body: Partial<SitePersonRow> & { readonly at?: number },
  nowMs: number,
): { readonly page: SitePeoplePage; readonly row: SitePersonRow } | undefined {
  const [id, act] = path.split('/').slice(3);
  const before = page.people.find((each) => each.id === id);
  if (before === undefined && page.people.some(({ username }) => username === body.username)) {
    return undefined;
  }
  const { at, ...fields } = body;
  const base = before ?? person(nowMs, body.username ?? '', body.name ?? '', {});
  const revokedAt = act === 'revoke' ? (at ?? nowMs) : null;
  const row: SitePersonRow = { ...base, ...fields, revokedAt };
  const rest = page.people.filter((each) => each.id !== row.id);
  const waiting = row.sites.map((site) => ({ site, gateway: `${site}-1` }));
  return { page: { ...page, people: [...rest, row], waiting }, row };
}
