import type { Fleet } from '#contracts/api/fleet-api.ts';
import type { SitePeoplePage, SitePersonRow } from '#contracts/api/site-people-api.ts';
import type { PersonRole } from '#contracts/people.ts';
import { countOf, formatCount } from '../../format/numbers.ts';
import { formatMinute } from '../../format/times.ts';
import type { Tone } from '../../ui/shapes.ts';

export interface PersonLine extends SitePersonRow {
  readonly key: string;
  /** Gateways at their sites that have not taken the newest list. */
  readonly waiting: readonly string[];
}

export interface SaidState {
  readonly tone: Tone;
  readonly words: string;
  readonly hover: string;
}

/** What each role may do, in a line. */
export const roleWords: Readonly<Record<PersonRole, string>> = {
  counter: 'counts stock',
  operator: 'receives, ships, moves, counts, holds, packs',
  supervisor: 'does everything of the floor page, and adjusts within limits',
};

/** Those of a site, or all: who may sign in first, then by user name. */
export function personLines(page: SitePeoplePage, site: string | undefined): readonly PersonLine[] {
  return page.people
    .filter(({ sites }) => site === undefined || sites.includes(site))
    .map((person) => ({ ...person, key: person.id, waiting: waitingFor(person, page) }))
    .sort((a, b) => Number(a.revokedAt !== null) - Number(b.revokedAt !== null));
}

function waitingFor({ sites }: SitePersonRow, { waiting }: SitePeoplePage): readonly string[] {
  return waiting.filter(({ site }) => sites.includes(site)).map(({ gateway }) => gateway);
}

export function personWords(person: SitePersonRow, nowMs: number): SaidState {
  const { credentialUntil, revokedAt } = person;
  if (revokedAt !== null) {
    const hover = 'What they did since then is kept, marked and reviewed';
    return { tone: 'plain', words: `ended ${formatMinute(revokedAt, nowMs)}`, hover };
  }
  if (person.sites.length === 0) {
    return { tone: 'plain', words: 'at no site', hover: 'No gateway lets them in' };
  }
  const until = formatMinute(credentialUntil, nowMs);
  if (credentialUntil <= nowMs) {
    const hover = `The hub has not renewed it since ${until}`;
    return { tone: 'warn', words: 'sign-in ran out', hover };
  }
  const hover = `A gateway that does not hear of the hub lets them in until ${until}`;
  return { tone: 'ok', words: 'may sign in', hover };
}

/** Whether the gateways of their sites know it. */
export function takenWords({ revokedAt, sites, waiting }: PersonLine): SaidState {
  const [first] = waiting;
  if (first === undefined) {
    return sites.length === 0
      ? { tone: 'plain', words: 'no gateway', hover: 'They are at no site' }
      : { tone: 'ok', words: 'at every gateway', hover: 'All have the newest list of their site' };
  }
  const words = `waits for ${waiting.length === 1 ? first : countOf(waiting.length, 'gateway')}`;
  const still =
    revokedAt === null ? 'They go by the list before it' : 'They may still be let in there';
  return {
    tone: revokedAt === null ? 'draining' : 'warn',
    words,
    hover: `${waiting.join(', ')}: ${still}`,
  };
}

/** What somebody may adjust: `25 at a time, 250 in all`. */
export function limitWords({ limitEntry, limitTotal, role }: SitePersonRow): string {
  if (role !== 'supervisor') return 'does not adjust';
  if (limitEntry === 0 || limitTotal === 0) return 'nothing';
  return `${formatCount(limitEntry)} at a time, ${formatCount(limitTotal)} in all`;
}

/** The subtitle. */
export function peopleWords(lines: readonly PersonLine[]): string {
  if (lines.length === 0) return '';
  const active = lines.filter(({ revokedAt }) => revokedAt === null);
  const sites = new Set(active.flatMap((line) => line.sites)).size;
  const ended = lines.length - active.length;
  const parts = [`${countOf(active.length, 'person', 'people')} at ${countOf(sites, 'site')}`];
  if (ended > 0) parts.push(`${formatCount(ended)} ended`);
  return parts.join(' · ');
}

/** That gateways go by an older list; undefined where none does. */
export function waitingWords(
  waiting: SitePeoplePage['waiting'],
  site: string | undefined,
): { heading: string; advice: string } | undefined {
  const shown = waiting.filter((each) => site === undefined || each.site === site);
  if (shown.length === 0) return undefined;
  const names = shown.slice(0, 5).map(({ gateway }) => gateway);
  const more = shown.length > 5 ? ` and ${formatCount(shown.length - 5)} more` : '';
  return {
    heading: `${names.join(', ')}${more}: not the newest list yet.`,
    advice: 'Somebody whose rights ended may still be let in there, until it hears of the hub.',
  };
}

export interface GatewayTaken {
  readonly gateway: string;
  readonly site: string;
  readonly waits: boolean;
}

/** The gateways of somebody's sites, and whether each has the newest list. */
export function gatewaysOf(
  person: SitePersonRow,
  waiting: SitePeoplePage['waiting'],
  fleet: Fleet | undefined,
): readonly GatewayTaken[] {
  const names = new Map(waiting.map(({ gateway, site }) => [gateway, site]));
  for (const { gateway, site } of fleet?.gateways ?? []) names.set(gateway, site);
  return [...names]
    .filter(([, site]) => person.sites.includes(site))
    .map(([gateway, site]) => ({
      gateway,
      site,
      waits: waiting.some((each) => each.gateway === gateway),
    }))
    .sort((a, b) => a.gateway.localeCompare(b.gateway));
}
