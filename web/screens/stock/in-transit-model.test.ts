import { describe, expect, test } from 'vitest';
import { fixtureInTransit } from '../../testing/fixture-in-transit.ts';
import { inTransitOf, inTransitWords, laneWords } from './in-transit-model.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);
const page = fixtureInTransit(now);

describe('what is in transit', () => {
  test('of a site is what leaves it and what comes to it', () => {
    const lanesOf = (site: string) => inTransitOf(page, site, undefined).lanes.map(laneWords);
    expect(lanesOf('metz')).toEqual(['lyon/lyon-1 → metz/metz-1']);
    expect(lanesOf('lyon')).toEqual(['lyon/lyon-1 → metz/metz-1']);
    expect(lanesOf('basel')).toEqual(['basel-1 → basel-2']);
    expect(lanesOf('rotterdam')).toEqual([]);
  });

  test('of an item counts this item alone on its lanes', () => {
    const { lanes, rows } = inTransitOf(page, undefined, '2242');
    expect(rows).toMatchObject([{ item: '22423', quantity: -6 }]);
    expect(lanes).toMatchObject([{ lane: 'basel-1>basel-2', onTheWay: 0, notSent: 6 }]);
    expect(inTransitOf(page, 'lyon', '2242')).toEqual({ lanes: [], rows: [] });
  });

  test('is said with its age and with what nothing says left', () => {
    expect(inTransitWords(page.lanes, now)).toBe(
      '50 units on 2 lanes · longest since 30 h ago · 6 units arrived that nothing says left',
    );
    expect(inTransitWords(page.lanes.slice(0, 1), now)).toBe(
      '48 units on 1 lane · longest since 30 h ago',
    );
  });
});
