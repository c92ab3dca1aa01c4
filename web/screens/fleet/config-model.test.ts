import { expect, test } from 'vitest';
import { fixtureFleetConfig, fixturePushes } from '../../testing/fixture-config.ts';
import { formatMinute } from '../../format/times.ts';
import {
  comparablePair,
  configLines,
  faultWords,
  planWords,
  pushWords,
  standingWords,
} from './config-model.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);

test('gateways that ask for attention stand first, each with its word', () => {
  const lines = configLines(fixtureFleetConfig(now).gateways);
  expect(lines.map((line) => [line.gateway, standingWords(line, now).words])).toEqual([
    ['rotterdam-1', 'refused'],
    ['lyon-2', `override until ${formatMinute(now + 96 * 60_000, now)}`],
    ['metz-1', 'drift'],
    ['basel-1', 'own file'],
    ['lyon-1', 'in step'],
  ]);
});

test('what is in force is compared with what is wanted where the hub has both', () => {
  expect(comparablePair({ inForceVersion: 2, wantedVersion: 3 })).toEqual({ from: 2, to: 3 });
  expect(comparablePair({ inForceVersion: 2, wantedVersion: 2 })).toBeUndefined();
  expect(comparablePair({ inForceVersion: null, wantedVersion: 2 })).toBeUndefined();
});

test('a push says which wave is out, or how it ended', () => {
  const [running, stopped] = fixturePushes(now);
  if (running === undefined || stopped === undefined) throw new Error('there are two');
  expect(pushWords(running)).toMatchObject({ tone: 'draining', words: 'wave 1 of 2' });
  expect(pushWords(stopped)).toMatchObject({ tone: 'bad', words: 'stopped' });
});

test('what a push will do is said before it is done', () => {
  expect(planWords(undefined, 3, 1)).toBe('Choose a version.');
  expect(planWords(4, 0, 1)).toBe('Choose at least one gateway.');
  expect(planWords(4, 1, 1)).toBe('Version 4 goes to one gateway.');
  expect(planWords(4, 6, 6)).toBe('Version 4 goes to 6 gateways at once.');
  expect(planWords(4, 7, 2)).toContain('in 4 waves');
});

test('a fault is a sentence with its place', () => {
  const fault = { line: 5, column: 3, path: '/zones/0', message: 'is none', remedy: 'Write one.' };
  expect(faultWords(fault)).toBe('Line 5:3 /zones/0 is none. Write one.');
  expect(faultWords({ path: '', message: 'is empty.', remedy: 'Fill it.' })).toBe(
    'is empty. Fill it.',
  );
});
