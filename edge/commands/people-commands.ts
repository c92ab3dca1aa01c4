import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { describeFaults } from '#contracts/config-faults.ts';
import { Fault } from '#contracts/fault.ts';
import {
  passwordLengths,
  personRoles,
  sitePeople,
  type PersonRole,
  type SitePeople,
  type SitePerson,
} from '#contracts/people.ts';
import { rightsRememberedMs } from '#contracts/remembered.ts';
import { leaseOf } from '#contracts/person-lease.ts';
import { parseIsoTime } from '#contracts/time.ts';
import { profileOf } from '../../devices/registry.ts';
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config/load-config.ts';
import { hashPassword } from '../floor/password-hash.ts';
import { peopleFileInForce } from '../floor/hub-people.ts';
import { readPeople, usernameKey, writePeople } from '../floor/people-file.ts';
import { readSecretFile } from '../identity/secret-file.ts';
import type { Command, CommandContext, CommandOptions } from './command.ts';
import { optionOf } from './option-of.ts';

/** Who may sign in at the floor page. A running gateway sees changes within seconds. */

const config = { value: 'FILE', required: true } as const;
const dayMs = 24 * 3_600_000;
/** As many as a list may hold of one person. */
const mostPeriods = 50;
const terms = {
  days: { value: 'DAYS' },
  'limit-entry': { value: 'UNITS' },
  'limit-total': { value: 'UNITS' },
  zones: { value: 'ZONE,ZONE' },
} as const;

export const listPeopleCommand: Command = {
  name: 'people list',
  options: { config },
  summary: 'who may sign in at the floor page, one JSON line each, without passwords',
  async run(context, options) {
    for (const person of openList(context, options).list.people) await context.out(lineOf(person));
    return 0;
  },
};

export const addPersonCommand: Command = {
  name: 'people add',
  word: 'USERNAME',
  options: {
    config,
    name: { value: 'NAME', required: true },
    role: { value: 'ROLE', required: true, oneOf: personRoles },
    id: { value: 'ID' },
    'password-file': { value: 'FILE' },
    ...terms,
  },
  summary: 'let somebody sign in for some days (30); the password comes from a file, or from stdin',
  async run(context, options, word) {
    const { file, list, zones } = openOwnList(context, options);
    const username = named(word);
    const id = options['id'] ?? `p-${randomBytes(6).toString('hex')}`;
    if (list.people.some((one) => usernameKey(one.username) === usernameKey(username))) {
      throw new Fault('CONFLICT', `there is a "${username}" already: use another name, or renew`);
    }
    const role = optionOf(options, 'role') as PersonRole;
    const passwordHash = await hashPassword(await readPassword(context, options), randomBytes);
    const name = optionOf(options, 'name');
    const rights = rightsOf(options, { id, role }, zones);
    const person = { id, username, name, role, passwordHash, ...rights };
    save(file, { ...list, people: [...list.people, person] });
    await context.out(lineOf(person));
    return 0;
  },
};

export const renewPersonCommand: Command = {
  name: 'people renew',
  word: 'USERNAME',
  options: { config, 'password-file': { value: 'FILE' }, ...terms },
  summary:
    'let somebody sign in for some more days (30), with new limits; a new password, if given',
  async run(context, options, word) {
    const { file, list, zones } = openOwnList(context, options);
    const before = findIn(list, named(word));
    const hasNew = options['password-file'] !== undefined;
    const { revokedAtMs, revokedBefore = [], ...rest } = before;
    if (revokedAtMs !== undefined && !hasNew) {
      const message = `the rights of "${before.username}" were ended`;
      throw new Fault('CONFLICT', `${message}: to let them in again, give --password-file`);
    }
    const passwordHash = hasNew
      ? await hashPassword(await readPassword(context, options), randomBytes)
      : before.passwordHash;
    const rights = rightsOf(options, before, zones);
    const toMs = rights.lease.validFromMs;
    const outs = [
      ...revokedBefore.filter((out) => toMs - out.toMs < rightsRememberedMs),
      ...(revokedAtMs === undefined ? [] : [{ fromMs: revokedAtMs, toMs }]),
    ].slice(-mostPeriods);
    const past = outs.length === 0 ? {} : { revokedBefore: outs };
    save(file, replaced(list, { ...rest, passwordHash, ...rights, ...past }));
    await context.out(lineOf({ ...rest, passwordHash, ...rights }));
    return 0;
  },
};

export const revokePersonCommand: Command = {
  name: 'people revoke',
  word: 'USERNAME',
  options: { config, at: { value: 'TIME' } },
  summary: "end somebody's rights, now or at a past time (ISO 8601): what came since is reviewed",
  async run(context, options, word) {
    const { file, list } = openOwnList(context, options);
    const before = findIn(list, named(word));
    const nowMs = systemClock.nowMs();
    const at = options['at'];
    const atMs = at === undefined ? nowMs : parseIsoTime(at);
    if (atMs === undefined || atMs > nowMs) {
      throw new Fault('BAD_INPUT', `--at "${at}": write a past time such as 2026-11-22T08:00:00Z`);
    }
    // An earlier end holds: what it put under review stays there.
    const revokedAtMs = Math.min(atMs, before.revokedAtMs ?? Infinity);
    const person = { ...before, revokedAtMs };
    save(file, replaced(list, person));
    await context.out(lineOf(person));
    return 0;
  },
};

interface OpenList {
  readonly file: string;
  /** The hub keeps it, and would write over what is changed here. */
  readonly fromHub: boolean;
  readonly list: SitePeople;
  /** The zones that the gateway has. */
  readonly zones: readonly string[];
}

function openList({ cwd }: CommandContext, options: CommandOptions): OpenList {
  const name = optionOf(options, 'config');
  const loaded = loadConfig(resolve(cwd, name), profileOf);
  if (!loaded.ok) throw new Fault(loaded.refusal.code, `${loaded.refusal.message}: run check`);
  const { dataDir, floor, gateway, zones } = loaded.value;
  if (floor === undefined) {
    const message = `${name} has no floor page: add floor: { peopleFile: keys/people.json }`;
    throw new Fault('CONFIG_INVALID', message);
  }
  const file = peopleFileInForce(dataDir, floor.peopleFile);
  const list = readPeople(file, gateway.site);
  const fromHub = file !== floor.peopleFile;
  return { file, fromHub, list, zones: zones.map(({ id }) => id) };
}

/** @throws Fault CONFLICT where the hub keeps the list. */
function openOwnList(context: CommandContext, options: CommandOptions): OpenList {
  const open = openList(context, options);
  if (!open.fromHub) return open;
  const remedy = 'use `hub person add`, `change` and `revoke`';
  throw new Fault('CONFLICT', `the people of this site come from the hub: ${remedy}`);
}

function named(word: string | undefined): string {
  if (word !== undefined) return word;
  throw new Fault('BAD_INPUT', 'name the person by their user name');
}

function findIn({ people }: SitePeople, username: string): SitePerson {
  const person = people.find((one) => usernameKey(one.username) === usernameKey(username));
  if (person !== undefined) return person;
  throw new Fault('NOT_FOUND', `there is no "${username}": people list says who there is`);
}

function replaced(list: SitePeople, person: SitePerson): SitePeople {
  return { ...list, people: list.people.map((one) => (one.id === person.id ? person : one)) };
}

/** Never in an argument, where other users of the machine could see it. */
async function readPassword(context: CommandContext, options: CommandOptions): Promise<string> {
  const file = options['password-file'];
  const isTyped = file === undefined || file === '-';
  if (isTyped) context.say('The password is read from standard input, up to its end.');
  const text = isTyped
    ? await context.input()
    : readSecretFile(resolve(context.cwd, file), 'the password');
  const password = text.replace(/\r?\n$/, '');
  const { least, most } = passwordLengths;
  if (password.length >= least && password.length <= most && !/[\r\n]/.test(password)) {
    return password;
  }
  throw new Fault('BAD_INPUT', `a password has ${least} to ${most} characters on one line`);
}

function rightsOf(
  options: CommandOptions,
  { id: person, role }: Pick<SitePerson, 'id' | 'role'>,
  known: readonly string[],
) {
  const fromMs = systemClock.nowMs();
  const days = wholeOf(options, 'days', 30);
  const untilMs = fromMs + days * dayMs;
  const zones = options['zones']?.split(',');
  const unknown = zones?.find((zone) => !known.includes(zone));
  if (unknown !== undefined) {
    throw new Fault('BAD_INPUT', `--zones "${unknown}": use zones of the config file`);
  }
  const id = `lease-${randomBytes(8).toString('hex')}`;
  const perEntry = wholeOf(options, 'limit-entry', 0);
  const cumulative = wholeOf(options, 'limit-total', perEntry * 10);
  const lease = leaseOf({ id, person, role, fromMs, untilMs, perEntry, cumulative, zones });
  return { credentialUntilMs: untilMs, lease };
}

function wholeOf(options: CommandOptions, name: string, otherwise: number): number {
  const text = options[name];
  if (text === undefined) return otherwise;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Fault('BAD_INPUT', `--${name} "${text}": write a whole number`);
}

function save(file: string, list: SitePeople): void {
  const next = { ...list, version: list.version + 1 };
  const [fault] = describeFaults(sitePeople, next);
  if (fault !== undefined) {
    const shown = JSON.stringify(fault.value) ?? 'nothing';
    throw new Fault('BAD_INPUT', `${fault.path} is ${shown}: ${fault.remedy}`);
  }
  writePeople(file, next);
}

function lineOf({
  passwordHash: _hash,
  credentialUntilMs,
  revokedAtMs,
  ...rest
}: SitePerson): string {
  return JSON.stringify({
    ...rest,
    credentialUntil: new Date(credentialUntilMs).toISOString(),
    ...(revokedAtMs !== undefined && { revokedAt: new Date(revokedAtMs).toISOString() }),
  });
}
