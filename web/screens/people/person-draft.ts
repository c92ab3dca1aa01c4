import type {
  NewSitePerson,
  SitePeoplePage,
  SitePersonChange,
  SitePersonRow,
} from '#contracts/api/site-people-api.ts';
import { namePattern } from '#contracts/ids.ts';
import { passwordLengths, type PersonRole, usernamePattern } from '#contracts/people.ts';
import type { ApiProblem } from '../../data/api-problem.ts';

/** What is typed, as it is typed. */
export interface PersonDraft {
  readonly username: string;
  readonly name: string;
  readonly role: PersonRole;
  readonly sites: readonly string[];
  /** By comma; empty: all. */
  readonly zones: string;
  readonly limitEntry: string;
  readonly limitTotal: string;
  readonly offlineDays: string;
  readonly password: string;
}

/** What is wrong, by field, in words that say what to write. */
export type DraftFaults = { readonly [K in keyof PersonDraft]?: string };

const mostUnits = 1_000_000_000;
const mostDays = 365;
const username = new RegExp(usernamePattern);
const zoneName = new RegExp(namePattern);

const fields = Object.keys(draftOf(undefined)) as readonly (keyof PersonDraft)[];

export function draftOf(person: SitePersonRow | undefined): PersonDraft {
  return {
    username: person?.username ?? '',
    name: person?.name ?? '',
    role: person?.role ?? 'operator',
    sites: person?.sites ?? [],
    zones: (person?.zones ?? []).join(', '),
    limitEntry: String(person?.limitEntry ?? 0),
    limitTotal: String(person?.limitTotal ?? 0),
    offlineDays: String(person?.offlineDays ?? 7),
    password: '',
  };
}

/** What was not touched follows somebody whom another one changes meanwhile. */
export function rebased(
  draft: PersonDraft,
  before: SitePersonRow,
  after: SitePersonRow,
): PersonDraft {
  const [was, is] = [draftOf(before), draftOf(after)];
  const untouched = fields.filter((key) => String(draft[key]) === String(was[key]));
  return { ...draft, ...Object.fromEntries(untouched.map((key) => [key, is[key]])) };
}

/** What zones there are at the sites of a draft; undefined: the hub does not know all of them. */
export function zonesAt(
  { sites }: Pick<PersonDraft, 'sites'>,
  known: SitePeoplePage['zones'],
): { readonly zones: readonly string[]; readonly isComplete: boolean } {
  const at = known.filter(({ site }) => sites.includes(site));
  const zones = [...new Set(at.flatMap((of) => of.zones))].sort();
  const isComplete = at.length === sites.length && at.every((of) => of.isComplete);
  return { zones, isComplete };
}

/** The text with a zone in it, or without it where it was. */
export function zoneToggled(draft: Pick<PersonDraft, 'zones'>, zone: string): string {
  const zones = zonesOf(draft);
  const next = zones.includes(zone) ? zones.filter((each) => each !== zone) : [...zones, zone];
  return next.join(', ');
}

/**
 * @param person whom it changes; undefined: somebody new.
 * @param known the zones of sites, as far as the hub knows them.
 */
export function draftFaults(
  draft: PersonDraft,
  person: SitePersonRow | undefined,
  known: SitePeoplePage['zones'] = [],
): DraftFaults {
  const { least, most } = passwordLengths;
  const faults: { -readonly [K in keyof PersonDraft]?: string } = {};
  if (person === undefined && !username.test(draft.username)) {
    faults.username = 'Up to 40 letters, digits and . _ @ - between them.';
  }
  const nameLength = draft.name.trim().length;
  if (nameLength === 0 || nameLength > 80) faults.name = 'A name of up to 80 characters.';
  if (draft.sites.length === 0) faults.sites = 'Choose at least one site.';
  if (!zonesOf(draft).every((zone) => zoneName.test(zone))) {
    faults.zones = 'Ids of zones with commas between, as in the configuration.';
  } else {
    const { isComplete, zones } = zonesAt(draft, known);
    const stranger = zonesOf(draft).find((zone) => !zones.includes(zone));
    if (stranger !== undefined && isComplete && draft.sites.length > 0) {
      faults.zones = `${draft.sites.join(', ')} has no zone ${stranger}: choose from those above.`;
    }
  }
  for (const key of ['limitEntry', 'limitTotal'] as const) {
    if (wholeOf(draft[key], 0, mostUnits) === undefined) faults[key] = 'A whole number from 0.';
  }
  if (wholeOf(draft.offlineDays, 1, mostDays) === undefined) {
    faults.offlineDays = `A whole number from 1 to ${mostDays}.`;
  }
  if (draft.password === '' && person?.revokedAt === null) return faults;
  if (draft.password.length < least || draft.password.length > most) {
    faults.password = `From ${least} to ${most} characters.`;
  }
  return faults;
}

/** A draft without faults as a request. */
export function newPersonOf(draft: PersonDraft): NewSitePerson {
  const zones = zonesOf(draft);
  return {
    username: draft.username,
    name: draft.name.trim(),
    role: draft.role,
    sites: [...draft.sites],
    password: draft.password,
    ...(zones.length === 0 ? {} : { zones: [...zones] }),
    limitEntry: Number(draft.limitEntry),
    limitTotal: Number(draft.limitTotal),
    offlineDays: Number(draft.offlineDays),
  };
}

/** What a draft without faults changes of somebody; undefined: nothing. */
export function changeOf(draft: PersonDraft, person: SitePersonRow): SitePersonChange | undefined {
  const was = draftOf(person);
  const wanted = newPersonOf(draft);
  const zones = wanted.zones ?? null;
  const change: SitePersonChange = {
    ...(wanted.name === was.name ? {} : { name: wanted.name }),
    ...(wanted.role === was.role ? {} : { role: wanted.role }),
    ...(same(wanted.sites, was.sites) ? {} : { sites: wanted.sites }),
    ...(same(zones ?? [], person.zones ?? []) ? {} : { zones }),
    ...numberChange('limitEntry', draft, person),
    ...numberChange('limitTotal', draft, person),
    ...numberChange('offlineDays', draft, person),
    ...(draft.password === '' ? {} : { password: draft.password }),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

/** What saving a change will do, before anybody presses the button. */
export function changeWords(change: SitePersonChange | undefined, person: SitePersonRow): string {
  if (change === undefined) return 'Nothing is changed yet.';
  const parts: string[] = [];
  if (person.revokedAt !== null) parts.push('They are let in again.');
  else if (change.password !== undefined) parts.push('The former password counts no more.');
  const isOtherLease =
    change.role !== undefined ||
    change.zones !== undefined ||
    change.limitEntry !== undefined ||
    change.limitTotal !== undefined;
  if (isOtherLease || person.revokedAt !== null) {
    parts.push('What was adjusted so far does not count against the limit in all.');
  }
  const sites = change.sites ?? person.sites;
  const left = person.sites.filter((site) => !sites.includes(site));
  if (left.length > 0) parts.push(`No longer at ${left.join(', ')}.`);
  parts.push(`It goes to the gateways of ${sites.join(', ')}.`);
  return parts.join(' ');
}

/** What the hub refused, by field where it is of one; else undefined. */
export function refusedFaults(problem: ApiProblem, isNew: boolean): DraftFaults | undefined {
  if (problem.code === 'CONFLICT' && isNew) {
    return { username: 'Somebody has this user name already.' };
  }
  const faults: { -readonly [K in keyof PersonDraft]?: string } = {};
  for (const { message, path } of problem.faults ?? []) {
    const field = fields.find((each) => each === path.split('/')[1]);
    if (field !== undefined) faults[field] = message;
  }
  return Object.keys(faults).length === 0 ? undefined : faults;
}

export function zonesOf({ zones }: Pick<PersonDraft, 'zones'>): readonly string[] {
  return zones
    .split(',')
    .map((zone) => zone.trim())
    .filter((zone) => zone !== '');
}

function numberChange(
  key: 'limitEntry' | 'limitTotal' | 'offlineDays',
  draft: PersonDraft,
  person: SitePersonRow,
): SitePersonChange {
  return Number(draft[key]) === person[key] ? {} : { [key]: Number(draft[key]) };
}

function wholeOf(text: string, least: number, most: number): number | undefined {
  const value = /^[0-9]{1,10}$/.test(text.trim()) ? Number(text) : -1;
  return value >= least && value <= most ? value : undefined;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}
