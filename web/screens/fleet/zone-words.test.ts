import { expect, test } from 'vitest';
import { zoneWords } from './zone-words.ts';

test.each([
  [{ zone: 'dock-1' }, 'dock-1', '', 'dock-1'],
  [{ zones: ['dock-1', 'dock-2'] }, 'dock-1, dock-2', '', 'dock-1, dock-2'],
  [{ zone: 'a', zones: ['a', 'b', 'c', 'd'] }, 'a, b', '+2', 'a, b, c, d'],
  [{ zones: ['a', 'b', 'c'], moreZones: 30 }, 'a, b', '+31', 'a, b, c and 30 more'],
])('%j is %s %s, whole: %s', (device, words, more, whole) => {
  expect(zoneWords(device)).toEqual({ words, more, whole, isKnown: true });
});

test('a device without a zone is told from one whose gateway does not say', () => {
  expect(zoneWords({ zones: [] })).toMatchObject({ words: 'no zone', isKnown: false });
  expect(zoneWords({})).toMatchObject({ words: 'zone not said', isKnown: false });
});
