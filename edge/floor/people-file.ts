import { existsSync } from 'node:fs';
import { describeFaults } from '#contracts/config-faults.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import { sitePeople, type SitePeople } from '#contracts/people.ts';
import { readSecretFile } from '../identity/secret-file.ts';
import { writeFileDurably } from '../journal/durable-file.ts';

/**
 * The list of people as it lies on disk; a file that is not there is a list of nobody.
 *
 * @throws Fault CONFIG_INVALID naming field, value and remedy; IDENTITY_MISSING where others may
 * read it, or it cannot be read at all.
 */
export function readPeople(path: string, site: string): SitePeople {
  if (!existsSync(path)) return { v: 1, site, version: 0, people: [] };
  const text = readSecretFile(path, 'the list of people');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault('CONFIG_INVALID', `${path} is no JSON: ${messageOf(cause)}`, { cause });
  }
  const [fault] = describeFaults(sitePeople, value);
  if (fault !== undefined) {
    const shown = JSON.stringify(fault.value) ?? 'nothing';
    const message = `${path}: ${fault.path || 'the file'} is ${shown}: ${fault.remedy}`;
    throw new Fault('CONFIG_INVALID', message, { details: { ...fault } });
  }
  const people = value as SitePeople;
  const wrong = crossFault(people, site);
  if (wrong !== undefined) throw new Fault('CONFIG_INVALID', `${path}: ${wrong}`);
  return people;
}

/** Whole on disk when this returns, for the gateway's own user alone. */
export function writePeople(path: string, people: SitePeople): void {
  writeFileDurably(path, `${JSON.stringify(people, null, 2)}\n`, 0o600);
}

/** What no schema says: whose list it is, and that nobody can be taken for another. */
export function crossFault({ site: of, people }: SitePeople, site: string): string | undefined {
  if (of !== site) return `site is "${of}": this gateway is at "${site}", use its own list`;
  const ids = new Set<string>();
  const usernames = new Set<string>();
  for (const [index, { id, username, lease }] of people.entries()) {
    const at = `people[${index}]`;
    if (ids.has(id)) return `${at}.id "${id}" is there twice: give each person one of their own`;
    ids.add(id);
    const key = usernameKey(username);
    if (usernames.has(key)) return `${at}.username "${username}" is there twice: use another`;
    usernames.add(key);
    if (lease !== undefined && lease.person !== id) {
      return `${at}.lease.person "${lease.person}" is somebody else: write "${id}"`;
    }
  }
  return undefined;
}

/** Tablets begin words with a capital letter. */
export function usernameKey(username: string): string {
  return username.trim().toLowerCase();
}
