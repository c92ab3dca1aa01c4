import { describe, expect, test } from 'vitest';
import { fixtureFleet } from '../testing/fixture-fleet.ts';
import { asOfChip, behindChip, freshness, staleAfterMs, streamChip } from './live-status.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);
const fleet = fixtureFleet(now);

describe('the as-of chip', () => {
  test('moves on with each tick while nothing else changes', () => {
    expect(freshness(now - 60_000, now - 1000, now)).toMatchObject({
      asOfMs: now - 1000,
      stale: false,
    });
  });

  test('says how old the data is once ticks stop', () => {
    const fresh = freshness(now - staleAfterMs - 6000, undefined, now);
    expect(fresh.stale).toBe(true);
    expect(asOfChip(fresh, fleet)).toMatchObject({ tone: 'warn' });
    expect(asOfChip(fresh, fleet).words).toMatch(/^as of \d\d:\d\d:\d\d · 21 s old$/);
  });

  test('counts a site as live only when all its gateways are', () => {
    const [first] = fleet.gateways;
    if (first === undefined) throw new Error('the fixture has gateways');
    const two = {
      ...fleet,
      gateways: [first, { ...first, gateway: 'lyon-2', state: 'silent' as const }],
    };
    const fresh = freshness(now, undefined, now);
    expect(asOfChip(fresh, fleet).words).toMatch(/· 2 sites live$/);
    expect(asOfChip(fresh, two).words).toMatch(/· no site live$/);
  });

  test('claims nothing before there is data', () => {
    expect(asOfChip(freshness(undefined, now, now), undefined).words).toBe('no data yet');
  });
});

describe('the warning chip', () => {
  test('is not there while all is well', () => {
    const live = fleet.gateways.filter(({ state }) => state === 'live');
    expect(behindChip(live, now)).toBeUndefined();
    expect(streamChip('live')).toBeUndefined();
  });

  test('names the one site and what is the matter, or how many there are', () => {
    const one = fleet.gateways.filter(({ gateway }) => gateway === 'basel-1');
    expect(behindChip(one, now)?.words).toBe('basel silent for 41 min');
    expect(behindChip(fleet.gateways, now)?.words).toBe('2 sites behind');
    expect(behindChip(fleet.gateways, now)?.hover).toContain(
      'rotterdam: 1\u202f204 events waiting',
    );
  });
});
