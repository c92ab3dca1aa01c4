import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Expiry } from './expiry.ts';

const act = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  ms: fc.integer({ min: 0, max: 5000 }),
  what: fc.constantFrom('wait', 'later', 'hold', 'release', 'release-one', 'forget', 'rebuild'),
});

describe('an expiry', () => {
  test('gives each key at the first look at or after it is due, as if all were looked at', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80, size: 'max' }), (acts) => {
        const expiry = new Expiry();
        const due = new Map<string, number>();
        const held = new Set<string>();
        const dueOf = (key: string) => (held.has(key) ? Infinity : due.get(key));
        let nowMs = 0;
        for (const { key, ms, what } of acts) {
          const known = due.has(key);
          if (what === 'wait') nowMs += ms;
          else if (!known) {
            due.set(key, nowMs + ms);
            expiry.add(key, nowMs + ms);
          } else if (what === 'later') due.set(key, Math.max(due.get(key) ?? 0, nowMs + ms));
          else if (what === 'hold') held.add(key);
          else if (what === 'rebuild') {
            due.set(key, nowMs + ms);
            expiry.rebuild(due.keys(), dueOf);
          } else if (what === 'forget') {
            due.delete(key);
            held.delete(key);
            expiry.rebuild(due.keys(), dueOf);
          } else if (what === 'release') {
            held.clear();
            expiry.release(dueOf);
          } else {
            held.delete(key);
            expiry.releaseOne(key, dueOf);
          }
          const expected = [...due.keys()].filter((name) => (dueOf(name) ?? Infinity) <= nowMs);
          const taken = expiry.take(nowMs, dueOf);
          expect(taken.toSorted()).toEqual(expected.toSorted());
          for (const name of taken) due.delete(name);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('drops a key that nobody knows any more', () => {
    const expiry = new Expiry();
    expiry.add('gone', 1000);
    expect(expiry.take(5000, () => undefined)).toEqual([]);
    expect(expiry.take(9000, () => 0)).toEqual([]);
  });
});
