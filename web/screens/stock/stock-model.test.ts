import { describe, expect, test } from 'vitest';
import type { Movement } from '#contracts/api/stock-api.ts';
import { fixtureCompleteness, fixtureMovements, fixtureRows } from '../../testing/fixture-data.ts';
import {
  accountWords,
  comparePages,
  completenessWords,
  completeToMs,
  filterValues,
  linesGive,
  recordWords,
  stockLines,
  sumMovements,
  type StockLine,
} from './stock-model.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);
const lines = stockLines({ rows: fixtureRows(now), completeness: fixtureCompleteness(now) });

function lineOf(site: string): StockLine {
  const found = lines.find((line) => line.site === site);
  if (found === undefined) throw new Error(`no row of ${site}`);
  return found;
}

describe('the record behind a figure', () => {
  test('is current, behind or unknown as its gateway is', () => {
    const states = ['lyon', 'rotterdam', 'basel'].map((site) => lineOf(site).record);
    expect(states.map(({ state }) => state)).toEqual(['current', 'behind', 'unknown']);
    const words = states.map((record) => recordWords(record, now));
    expect(words.map(({ tone }) => tone)).toEqual(['ok', 'warn', 'unknown']);
    expect(words[1]?.words).toBe('1\u202f204 waiting');
    expect(words[2]?.words).toMatch(/^unknown since \d\d:\d\d$/);
  });

  test('of a gateway nobody ever heard says so', () => {
    expect(recordWords({ state: 'unknown', lastHeardAt: null }, now).words).toBe('never heard');
  });

  test('is summed up in a sentence', () => {
    const all = completenessWords(fixtureCompleteness(now), now);
    expect(all).toMatch(
      /^complete to \d\d:\d\d:\d\d, except rotterdam: 1\u202f204 events waiting; basel: unknown, last heard 41 min ago$/,
    );
    const silent = { site: 'lyon', waitingEvents: null, lastHeardAt: null };
    const two = ['lyon-1', 'lyon-2'].map((gateway) => ({ ...silent, gateway }));
    expect(completenessWords({ asOfMs: now, behind: two }, now)).toMatch(
      /except lyon \(lyon-1\): never heard; lyon \(lyon-2\): never heard$/,
    );
    expect(completenessWords({ asOfMs: now, behind: [] }, now)).toMatch(/^complete to [\d:]+$/);
  });
});

describe('a fresh page against the one on screen', () => {
  const shown = lines.slice(0, 5);

  test('with other values only may go in place', () => {
    const fresh = shown.map((line, at) =>
      at === 2 ? { ...line, quantity: line.quantity + 1 } : line,
    );
    expect(comparePages(shown, fresh)).toEqual({ sameRows: true, changed: 1 });
  });

  test('with a new, a gone or a moved row may not', () => {
    const [first, second, ...rest] = shown;
    const other = lines[9];
    if (first === undefined || second === undefined || other === undefined) throw new Error('rows');
    expect(comparePages(shown, [other, ...shown]).sameRows).toBe(false);
    expect(comparePages(shown, shown.slice(1))).toEqual({ sameRows: false, changed: 1 });
    expect(comparePages(shown, [second, first, ...rest])).toEqual({ sameRows: false, changed: 0 });
  });

  test('that is the same changes nothing', () => {
    expect(comparePages(shown, shown)).toEqual({ sameRows: true, changed: 0 });
  });
});

describe('the lines behind a figure', () => {
  const line = lineOf('lyon');
  const { rows, total } = fixtureMovements(now, line);

  test('sum to it', () => {
    const sum = sumMovements(rows, total);
    expect(sum.inQuantity - sum.outQuantity).toBe(line.quantity);
    expect(linesGive(line, rows, total)).toBe(true);
  });

  test('that do not are found out, but only where both are of the same moment', () => {
    const wrong: Movement[] = rows.map((row, at) => (at === 1 ? { ...row, quantity: -6 } : row));
    expect(linesGive(line, wrong, total)).toBe(false);
    expect(linesGive({ ...line, lastEvent: 'lyon-1/1/9999' }, wrong, total)).toBe(true);
    expect(linesGive(line, wrong.slice(0, 2), total)).toBe(true);
  });

  test('name the other account in words', () => {
    expect(
      [
        'zone:a-07:quality-hold:free',
        'zone:a-07:available:bonded',
        'transit:lyon-1>metz-1',
        'count-variance',
      ].map(accountWords),
    ).toEqual([
      'a-07 · quality hold',
      'a-07 · available · bonded',
      'in transit, lyon-1 → metz-1',
      'count variance',
    ]);
  });
});

test('a filter always offers the value that is chosen', () => {
  expect(filterValues(['b', 'a', 'b'], 'c')).toEqual(['a', 'b', 'c']);
});

describe('the moment to which figures are complete', () => {
  test('is the last tick while nothing was announced, and else when they were asked for', () => {
    expect(completeToMs(now - 9000, now - 1000, now)).toBe(now - 1000);
    expect(completeToMs(now - 9000, undefined, now)).toBe(now - 9000);
  });

  test('is never later than the moment of the page', () => {
    expect(completeToMs(now, now - 4000, now - 2000)).toBe(now - 2000);
    expect(completeToMs(now, now - 4000, undefined)).toBe(now);
  });
});
