import { describe, expect, test } from 'vitest';
import { countOf, formatBytes, formatCount, formatPermille, formatSigned } from './numbers.ts';

describe('numbers', () => {
  test('are grouped by thin spaces from four digits on', () => {
    expect([0, 999, 1204, 1_204_118].map(formatCount)).toEqual([
      '0',
      '999',
      '1\u202f204',
      '1\u202f204\u202f118',
    ]);
  });

  test('below zero carry a real minus', () => {
    expect(formatCount(-3412)).toBe('\u22123\u202f412');
    expect([12, 0, -5].map(formatSigned)).toEqual(['+12', '0', '\u22125']);
  });

  test('are counted in words', () => {
    expect(countOf(1, 'event')).toBe('1 event');
    expect(countOf(1204, 'event')).toBe('1\u202f204 events');
    expect(countOf(0, 'entry', 'entries')).toBe('0 entries');
  });

  test('of bytes take the unit that fits, also next to its edge', () => {
    expect([0, 999, 1000, 999_600, 412_000_000_000].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.0 MB',
      '412 GB',
    ]);
  });

  test('of permille are percent, with a decimal only where there is one', () => {
    expect([998, 960, 1000].map(formatPermille)).toEqual(['99.8 %', '96 %', '100 %']);
  });
});
