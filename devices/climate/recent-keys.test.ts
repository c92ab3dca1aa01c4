import { describe, expect, test } from 'vitest';
import { decodeCanonical, encodeCanonical } from '#contracts/canonical.ts';
import { keysPerSource, maxSources, noteKey } from './recent-keys.ts';
import type { RecentKeys } from './recent-keys.ts';

describe('keys that were seen', () => {
  test('are known again per source, also behind newer ones', () => {
    let keys: RecentKeys = {};
    for (const key of ['1', '2', '3']) keys = noteKey(keys, 'a', key) ?? keys;
    expect(noteKey(keys, 'a', '2')).toBeUndefined();
    expect(noteKey(keys, 'b', '2')).toBeDefined();
  });

  test('are forgotten in order, so that the state stays small', () => {
    let keys: RecentKeys = {};
    for (let key = 0; key < 100; key += 1) keys = noteKey(keys, 'a', String(key)) ?? keys;
    expect(keys['a']).toHaveLength(keysPerSource);
    expect(noteKey(keys, 'a', '0')).toBeDefined();
    expect(noteKey(keys, 'a', '99')).toBeUndefined();
  });

  test('of sources beyond the bound pass as new', () => {
    let keys: RecentKeys = {};
    for (let at = 0; at < maxSources; at += 1) keys = noteKey(keys, `s${at}`, 'k') ?? keys;
    expect(noteKey(keys, 'late', 'k')).toBe(keys);
    expect(noteKey(keys, 's0', 'k')).toBeUndefined();
  });

  test('a hostile name is a source like any other, also after the state was stored', () => {
    const keys = noteKey({}, '__proto__', 'k') ?? {};
    const stored = decodeCanonical(encodeCanonical(keys)) as RecentKeys;
    expect(noteKey(stored, '__proto__', 'k')).toBeUndefined();
    expect(noteKey({}, 'constructor', 'k')).toBeDefined();
  });
});
