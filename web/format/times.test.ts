import { describe, expect, test } from 'vitest';
import { formatAbsolute, formatAgo, formatDuration, formatMoment, formatSkew } from './times.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);
const minute = 60_000;
const hour = 60 * minute;

describe('times', () => {
  test('are told as their distance from now, coarser the further', () => {
    const ages = [500, 12_000, 41 * minute, 3 * hour, 50 * hour, -3 * minute];
    expect(ages.map((age) => formatAgo(now - age, now))).toEqual([
      'now',
      '12 s ago',
      '41 min ago',
      '3 h ago',
      '2 d ago',
      'in 3 min',
    ]);
  });

  test('ago are not rounded down by up to half', () => {
    expect([115_000, 168_000, 110 * minute].map((age) => formatAgo(now - age, now))).toEqual([
      '2 min ago',
      '3 min ago',
      '2 h ago',
    ]);
  });

  test('carry their zone and UTC on hover', () => {
    expect(formatAbsolute(now)).toMatch(/2026.*(UTC|GMT|CET).* · 2026-11-22T13:02:31\.000Z$/);
  });

  test('of another day say the day', () => {
    expect(formatMoment(now - minute, now)).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(formatMoment(now - 30 * hour, now)).toMatch(/^21 Nov \d\d:\d\d:\d\d$/);
  });

  test('as lengths leave out less than their second unit', () => {
    const lengths = [
      850,
      2140,
      12_000,
      81_000,
      115_000,
      168_000,
      41 * minute,
      185 * minute,
      220 * hour,
    ];
    expect(lengths.map(formatDuration)).toEqual([
      '850 ms',
      '2.1 s',
      '12 s',
      '1 min 21 s',
      '1 min 55 s',
      '2 min 48 s',
      '41 min',
      '3 h 05 min',
      '9 d 4 h',
    ]);
  });

  test('as clock differences carry their sign', () => {
    expect([120, -2100, 0, 7_300_000].map(formatSkew)).toEqual([
      '+120 ms',
      '\u22122.1 s',
      '0 ms',
      '+2 h 01 min',
    ]);
  });
});
