import { describe, expect, test } from 'vitest';
import { fixturePeople } from '../../testing/fixture-people.ts';
import {
  changeOf,
  changeWords,
  draftFaults,
  draftOf,
  newPersonOf,
  rebased,
  refusedFaults,
  zonesAt,
  zoneToggled,
  type PersonDraft,
} from './person-draft.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);
const people = fixturePeople(now, false).people;

function personOf(name: string) {
  const found = people.find(({ username }) => username === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

const draft: PersonDraft = {
  ...draftOf(undefined),
  username: 'tom',
  name: ' Tom Weber ',
  sites: ['lyon'],
  password: '246810',
};
const faulty = (change: Partial<PersonDraft>) =>
  Object.keys(draftFaults({ ...draft, ...change }, undefined));

describe('what is typed of somebody new', () => {
  test('is a request where nothing is wrong', () => {
    expect(draftFaults(draft, undefined)).toEqual({});
    expect(newPersonOf({ ...draft, zones: 'dock-2, cold-2 ' })).toEqual({
      username: 'tom',
      name: 'Tom Weber',
      role: 'operator',
      sites: ['lyon'],
      zones: ['dock-2', 'cold-2'],
      password: '246810',
      limitEntry: 0,
      limitTotal: 0,
      offlineDays: 7,
    });
  });

  test('names zones of its sites alone, where the hub knows all of them', () => {
    const known = fixturePeople(now, false).zones;
    const zonesFault = (zones: string, sites = ['lyon']) =>
      draftFaults({ ...draft, sites, zones }, undefined, known).zones;
    expect(zonesFault('dock-2, cold-2')).toBeUndefined();
    expect(zonesFault('dock-2, dok-3')).toBe('lyon has no zone dok-3: choose from those above.');
    expect(zonesFault('hall', ['lyon', 'metz'])).toBeUndefined();
    expect(zonesFault('anything', ['lyon', 'metz'])).toBeUndefined();
    expect(zonesAt({ sites: ['lyon', 'basel'] }, known)).toEqual({
      zones: ['cold-2', 'dock-2', 'floor', 'storage', 'yard'],
      isComplete: true,
    });
    expect(zoneToggled({ zones: 'dock-2' }, 'cold-2')).toBe('dock-2, cold-2');
    expect(zoneToggled({ zones: 'dock-2, cold-2' }, 'dock-2')).toBe('cold-2');
  });

  test('is faulted at its field', () => {
    expect(faulty({ username: 'tom weber' })).toEqual(['username']);
    expect(faulty({ name: ' ' })).toEqual(['name']);
    expect(faulty({ sites: [] })).toEqual(['sites']);
    expect(faulty({ zones: 'Dock 2' })).toEqual(['zones']);
    expect(faulty({ limitEntry: '-1', limitTotal: '2.5' })).toEqual(['limitEntry', 'limitTotal']);
    expect(faulty({ offlineDays: '0' })).toEqual(['offlineDays']);
    expect(faulty({ password: '12345' })).toEqual(['password']);
  });
});

describe('what is changed of somebody', () => {
  const anna = personOf('anna.berg');
  const of = (change: Partial<PersonDraft>) => changeOf({ ...draftOf(anna), ...change }, anna);

  test('is only what differs, and all zones are null', () => {
    expect(of({})).toBeUndefined();
    expect(of({ sites: ['metz', 'lyon'] })).toBeUndefined();
    expect(of({ limitEntry: '30', name: 'Anna B.' })).toEqual({ limitEntry: 30, name: 'Anna B.' });
    const emil = personOf('emil');
    expect(changeOf({ ...draftOf(emil), zones: '' }, emil)).toEqual({ zones: null });
  });

  test('keeps what was typed and follows what another one changed meanwhile', () => {
    const typed = { ...draftOf(anna), limitEntry: '30' };
    const after = { ...anna, limitEntry: 20, limitTotal: 99, sites: ['lyon'] };
    expect(changeOf(rebased(typed, anna, after), after)).toEqual({ limitEntry: 30 });
  });

  test('says what it does before it is done', () => {
    expect(changeWords(undefined, anna)).toBe('Nothing is changed yet.');
    expect(changeWords({ sites: ['lyon'] }, anna)).toContain('No longer at metz.');
    expect(changeWords({ limitEntry: 5 }, anna)).toContain('does not count against the limit');
    expect(changeWords({ password: 'x' }, anna)).toContain('former password counts no more');
  });

  test('needs a password only where rights had ended', () => {
    expect(draftFaults(draftOf(anna), anna)).toEqual({});
    const olga = personOf('old.hand');
    expect(Object.keys(draftFaults(draftOf(olga), olga))).toEqual(['password']);
    expect(changeWords({ password: 'x' }, olga)).toContain('let in again');
  });
});

test('what the hub refuses stands at its field, where it is of one', () => {
  const problem = { code: 'CONFLICT', message: 'taken', retryable: false } as const;
  expect(refusedFaults(problem, true)).toHaveProperty('username');
  expect(refusedFaults(problem, false)).toBeUndefined();
  const faults = [{ path: '/zones/0', message: 'is no name' }];
  expect(refusedFaults({ ...problem, code: 'BAD_INPUT', faults }, false)).toEqual({
    zones: 'is no name',
  });
});
