import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refreshMs, seeTag, type Sighting, type TagState } from './tag-presence.ts';

const policy = { minReads: 2, moveReads: 2, absentAfterMs: 30_000 };
const t0 = 1_000_000;

function at(zone: string, afterMs: number, rest: Partial<Sighting> = {}): Sighting {
  const atMs = t0 + afterMs;
  const basic = { device: 'r1', reads: 1, rssiCdbm: -5000, exact: true };
  return { zone, ...basic, atMs, receivedAtMs: atMs, ...rest };
}

function see(sightings: readonly Sighting[], from?: TagState) {
  let state = from;
  const effects: string[] = [];
  for (const sighting of sightings) {
    const step = seeTag(state, sighting, policy);
    if (step.effect !== undefined) effects.push(`${step.effect} ${step.state.zone}`);
    state = step.state;
  }
  return { state, effects };
}

const settled = see([at('a', 0), at('a', 10)]).state;

describe('a tag', () => {
  test('is believed after enough reads in one zone, which one report may bring', () => {
    expect(see([at('a', 0)]).effects).toEqual([]);
    expect(see([at('a', 0), at('a', 10)]).effects).toEqual(['appeared a']);
    expect(see([at('a', 0, { reads: 2 })]).effects).toEqual(['appeared a']);
  });

  test('is not believed in a zone by reads that other zones cancel out', () => {
    expect(see([at('a', 0), at('b', 10), at('c', 20), at('a', 30)]).effects).toEqual([]);
  });

  test('moves when it is read elsewhere again and again, and in its zone no more', () => {
    const reads = [1000, 2000, 3000].map((afterMs) => at('b', afterMs));
    expect(see(reads.slice(0, 2), settled).effects).toEqual([]);
    expect(see(reads, settled).effects).toEqual(['moved b']);
  });

  test('needs more such reads the weaker they are, fewer the stronger', () => {
    const count = (rssiCdbm: number | undefined) => {
      const reads = Array.from({ length: 20 }, (_, index) =>
        at('b', 1000 * (index + 1), { rssiCdbm }),
      );
      return reads.findIndex(
        (_, index) => see(reads.slice(0, index + 1), settled).effects.length > 0,
      );
    };
    expect(count(-6000)).toBeGreaterThan(count(-5000));
    expect(count(-5000)).toBeGreaterThanOrEqual(count(-4000));
    expect(count(undefined)).toBe(count(-5000));
  });

  test('stays while its zone reads it too, however strong the neighbour hears it', () => {
    const both = Array.from({ length: 60 }, (_, second) => [
      at('a', 1000 * second + 1000),
      ...(second % 4 === 0 ? [at('b', 1000 * second + 1400, { rssiCdbm: -4400 })] : []),
    ]).flat();
    expect(see(both, settled).effects).toEqual([]);
  });

  test('is not moved by a burst of reads within one second', () => {
    const burst = Array.from({ length: 8 }, (_, index) => at('b', 1000 + index * 20));
    expect(see(burst, settled).effects).toEqual([]);
  });

  test('keeps its zone when that zone answers each stray read', () => {
    const none = { rssiCdbm: undefined };
    const reads = [0, 1, 2, 3, 4, 5].flatMap((i) => [
      at('b', 100 + i * 200, none),
      at('a', 200 + i * 200, none),
    ]);
    expect(see(reads, settled).effects).toEqual([]);
  });

  test('is not brought back by buffered evidence that arrives late', () => {
    const there = see(
      [5000, 6000, 7000].map((afterMs) => at('b', afterMs)),
      settled,
    );
    expect(there.effects).toEqual(['moved b']);
    const late = [1000, 1100, 1200, 1300].map((afterMs) =>
      at('a', afterMs, { receivedAtMs: t0 + 6000, rssiCdbm: -2000 }),
    );
    const after = see(late, there.state);
    expect(after.effects).toEqual([]);
    expect(after.state).toBe(there.state);
  });

  test('is not moved by one read that is sent again and again', () => {
    const one = at('b', 4000, { rssiCdbm: -2000 });
    const again = [one, { ...one, receivedAtMs: t0 + 9000 }, { ...one, receivedAtMs: t0 + 9900 }];
    expect(see(again, settled).effects).toEqual([]);
  });

  test('that rests costs no new state within the refresh time', () => {
    const soon = seeTag(settled, at('a', refreshMs - 1), policy);
    expect(soon.state).toBe(settled);
    expect(seeTag(settled, at('a', 10 + refreshMs), policy).state).not.toBe(settled);
  });

  test('ends up the same when every read is delivered twice', () => {
    const sightings = fc.array(
      fc.record({
        zone: fc.constantFrom('a', 'b', 'c'),
        waitMs: fc.integer({ min: 1, max: 5000 }),
        rssiCdbm: fc.integer({ min: -7000, max: -3000 }),
      }),
      { maxLength: 60, size: 'max' },
    );
    fc.assert(
      fc.property(sightings, (list) => {
        let afterMs = 0;
        const once = list.map(({ zone, waitMs, rssiCdbm }) => {
          afterMs += waitMs;
          return at(zone, afterMs, { rssiCdbm });
        });
        const twice = once.flatMap((sighting) => [sighting, sighting]);
        expect(see(twice)).toEqual(see(once));
      }),
    );
  });
});
