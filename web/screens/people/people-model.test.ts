import { describe, expect, test } from 'vitest';
import { fixtureFleet } from '../../testing/fixture-fleet.ts';
import { fixturePeople } from '../../testing/fixture-people.ts';
import {
  gatewaysOf,
  limitWords,
  peopleWords,
  personLines,
  personWords,
  takenWords,
  waitingWords,
  type PersonLine,
} from './people-model.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);
const page = fixturePeople(now, false);
const lines = personLines(page, undefined);

function lineOf(username: string): PersonLine {
  const found = lines.find((line) => line.username === username);
  if (found === undefined) throw new Error(`no ${username}`);
  return found;
}

describe('people', () => {
  test('who may sign in stand before those whose rights ended', () => {
    expect(lines.map(({ username }) => username).at(-1)).toBe('old.hand');
    expect(peopleWords(lines)).toBe('5 people at 4 sites · 1 ended');
    expect(personLines(page, 'metz').map(({ username }) => username)).toEqual(['anna.berg']);
  });

  test('say whether they may sign in', () => {
    const anna = lineOf('anna.berg');
    expect(personWords(anna, now)).toMatchObject({ tone: 'ok', words: 'may sign in' });
    expect(personWords(lineOf('old.hand'), now).words).toMatch(/^ended \d\d:\d\d$/);
    expect(personWords({ ...anna, credentialUntil: now }, now).words).toBe('sign-in ran out');
    expect(personWords({ ...anna, sites: [] }, now).words).toBe('at no site');
  });

  test('say which gateways have not taken it, which is a warning where rights ended', () => {
    expect(takenWords(lineOf('anna.berg'))).toMatchObject({ tone: 'ok' });
    expect(takenWords(lineOf('emil'))).toMatchObject({
      tone: 'draining',
      words: 'waits for basel-1',
    });
    expect(takenWords(lineOf('old.hand'))).toMatchObject({ tone: 'warn' });
  });

  test('adjust within limits as supervisors, and else not at all', () => {
    expect(limitWords(lineOf('anna.berg'))).toBe('25 at a time, 250 in all');
    expect(limitWords({ ...lineOf('anna.berg'), limitEntry: 0 })).toBe('nothing');
    expect(limitWords({ ...lineOf('anna.berg'), role: 'operator' })).toBe('does not adjust');
  });
});

describe('gateways', () => {
  test('of somebody are those of their sites, each with what it has', () => {
    expect(gatewaysOf(lineOf('old.hand'), page.waiting, fixtureFleet(now))).toEqual([
      { gateway: 'basel-1', site: 'basel', waits: true },
      { gateway: 'lyon-1', site: 'lyon', waits: false },
    ]);
  });

  test('with an older list are said, a few by name', () => {
    expect(waitingWords(page.waiting, 'lyon')).toBeUndefined();
    expect(waitingWords(page.waiting, undefined)?.heading).toContain('basel-1');
    const many = Array.from({ length: 9 }, (_, n) => ({ gateway: `gw-${n}`, site: 'x' }));
    expect(waitingWords(many, 'x')?.heading).toContain('gw-4 and 4 more');
  });
});
