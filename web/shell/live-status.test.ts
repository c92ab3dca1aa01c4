import { describe, expect, test } from 'vitest';
import { fixtureFleet } from '../testing/fixture-fleet.ts';
import { asOfChip, freshness, staleAfterMs, streamChip } from './live-status.ts';

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

  test('ends in how many are live', () => {
    const fresh = freshness(now, undefined, now);
    expect(asOfChip(fresh, fleet)).toMatchObject({ tone: 'ok' });
    expect(asOfChip(fresh, fleet).words).toMatch(/^as of \d\d:\d\d:\d\d · 2 of 4 sites live$/);
  });

  test('claims nothing before there is data', () => {
    expect(asOfChip(freshness(undefined, now, now), undefined).words).toBe('no data yet');
  });
});

test('the chip of the stream is not there while it is live', () => {
  expect(streamChip('live')).toBeUndefined();
  expect(streamChip('connecting')).toMatchObject({ tone: 'plain' });
  expect(streamChip('lost')).toMatchObject({ tone: 'bad' });
});
