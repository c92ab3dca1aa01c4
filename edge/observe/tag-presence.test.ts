import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refreshMs, seeTag, type Sighting, type TagState } from './tag-presence.ts';

const policy = { minReads: 2, moveReads: 3, absentAfterMs: 30_000 };
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

  test('moves when enough reads elsewhere are clearly stronger', () => {
    const strong = { rssiCdbm: -4000 };
    const reads = [at('b', 100, strong), at('b', 200, strong), at('b', 300, strong)];
    expect(see(reads.slice(0, 2), settled).effects).toEqual([]);
    expect(see(reads, settled).effects).toEqual(['moved b']);
  });

  test('stays while reads elsewhere are not stronger by the lead', () => {
    const similar = { rssiCdbm: -4500 };
    const reads = [100, 200, 300, 400].map((afterMs) => at('b', afterMs, similar));
    expect(see(reads, settled).effects).toEqual([]);
  });

  test('moves on weaker reads once its zone has not read it for a while', () => {
    const weak = { rssiCdbm: -5800 };
    const soon = [1000, 1100, 1200].map((afterMs) => at('b', afterMs, weak));
    const later = [4000, 4100, 4200].map((afterMs) => at('b', afterMs, weak));
    expect(see(soon, settled).effects).toEqual([]);
    expect(see(later, settled).effects).toEqual(['moved b']);
  });

  test('moves on reads alone where no strength is reported', () => {
    const reads = [100, 200, 300].map((afterMs) => at('b', afterMs, { rssiCdbm: undefined }));
    expect(see(reads, settled).effects).toEqual(['moved b']);
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
      [5000, 5100, 5200].map((afterMs) => at('b', afterMs)),
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
