import { statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { SitePeople } from '#contracts/people.ts';
import { createTestLog, tempDir } from '../testing/test-parts.ts';
import { HubPeople, hubPeopleFile, peopleFileInForce } from './hub-people.ts';
import { readPeople } from './people-file.ts';
import { person } from './testing/floor-site.ts';

function openSite() {
  const dataDir = tempDir();
  const { log } = createTestLog();
  const people = new HubPeople({ dataDir, site: 'leeds', log });
  let seq = 0;
  const take = (list: object) => {
    seq += 1;
    return people.take({ seq, atMs: 0, content: JSON.stringify(list) });
  };
  return { dataDir, file: hubPeopleFile(dataDir), take };
}

const listOf = (version: number, ...usernames: string[]): SitePeople => ({
  v: 1,
  site: 'leeds',
  version,
  people: usernames.map((username) => person(username)),
});

describe('the list that the hub sends', () => {
  test('counts in the place of the gateway’s own from then on', async () => {
    const { dataDir, file, take } = openSite();
    expect(peopleFileInForce(dataDir, '/own.json')).toBe('/own.json');
    expect(await take(listOf(1, 'mia'))).toEqual({ result: 'applied' });
    expect(peopleFileInForce(dataDir, '/own.json')).toBe(file);
    expect(readPeople(file, 'leeds').people.map(({ username }) => username)).toEqual(['mia']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('is harmless when it comes again, and refused when it is an older one', async () => {
    const { file, take } = openSite();
    await take(listOf(3, 'mia', 'ole'));
    expect(await take(listOf(3, 'mia', 'ole'))).toMatchObject({ result: 'applied' });
    expect(await take(listOf(2, 'mia'))).toMatchObject({ result: 'refused', code: 'CONFLICT' });
    expect(readPeople(file, 'leeds').version).toBe(3);
  });

  test('is refused without repeating what it holds where it is none of this site', async () => {
    const { take } = openSite();
    const other = { ...listOf(1, 'mia'), site: 'york' };
    expect(await take(other)).toMatchObject({
      result: 'refused',
      text: /this gateway is at "leeds"/,
    });
    const broken = { ...listOf(1), people: [{ ...person('mia'), passwordHash: 'plain-secret' }] };
    const outcome = await take(broken);
    expect(outcome).toMatchObject({ result: 'refused', code: 'BAD_INPUT' });
    expect(JSON.stringify(outcome)).not.toContain('plain-secret');
    expect(await take(listOf(1, 'mia', 'Mia'))).toMatchObject({ result: 'refused' });
  });

  test('is taken with what a later version says besides, but for what may limit rights', async () => {
    const { file, take } = openSite();
    const mia = { ...person('mia'), revokedAtMs: 7, badge: 'B-12' };
    const later = { ...listOf(2), shifts: [], people: [mia] };
    expect(await take(later)).toEqual({ result: 'applied' });
    const { people } = readPeople(file, 'leeds');
    expect(people).toMatchObject([{ username: 'mia', revokedAtMs: 7 }]);
    expect(people[0]).not.toHaveProperty('badge');
    const lease = { ...mia.lease, onlyAtNight: true };
    expect(await take({ ...later, version: 3, people: [{ ...mia, lease }] })).toMatchObject({
      result: 'refused',
      text: /lease\.onlyAtNight/,
    });
  });

  test('takes the place of one that a disk damaged', async () => {
    const { file, take } = openSite();
    writeFileSync(file, '{', { mode: 0o600 });
    expect(await take(listOf(1, 'mia'))).toEqual({ result: 'applied' });
    expect(readPeople(file, 'leeds').people).toHaveLength(1);
  });
});
