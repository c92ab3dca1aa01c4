import { describe, expect, test } from 'vitest';
import { boxOf, drawOrder, placeLabels, ticksOf, type Band } from './timeline-model.ts';

const hour = 3_600_000;
const span = { fromMs: 100 * hour, toMs: 108 * hour };
const band = (fromH: number, toH: number, words = 'x'): Band => ({
  id: `${fromH}`,
  fromMs: fromH * hour,
  toMs: toH * hour,
  tone: 'cut',
  words,
});

describe('ticks', () => {
  test('stand at round times, no more than there is room for', () => {
    expect(ticksOf(span, 8, 0).map((at) => at / hour)).toEqual([
      100, 101, 102, 103, 104, 105, 106, 107, 108,
    ]);
    expect(ticksOf(span, 3, 0).map((at) => at / hour)).toEqual([102, 105, 108]);
  });

  test('are round in the local zone', () => {
    const days = { fromMs: 0, toMs: 7 * 24 * hour };
    expect(ticksOf(days, 7, hour).map((at) => (at + hour) % (24 * hour))).toEqual([
      0, 0, 0, 0, 0, 0, 0,
    ]);
  });
});

describe('a band', () => {
  test('stands where its times are', () => {
    expect(boxOf(band(102, 104), span, 800)).toEqual({ x: 200, width: 200 });
  });

  test('is cut at the edges of the span, and not drawn outside of it', () => {
    expect(boxOf(band(90, 102), span, 800)).toEqual({ x: 0, width: 200 });
    expect(boxOf(band(90, 99), span, 800)).toBeUndefined();
    expect(boxOf(band(109, 110), span, 800)).toBeUndefined();
  });

  test('is seen however short it was, also at the right edge', () => {
    expect(boxOf(band(104, 104.0001), span, 800)).toEqual({ x: 400, width: 4 });
    expect(boxOf(band(107.9999, 108), span, 800)).toMatchObject({ x: 796, width: 4 });
  });
});

test('a cut lies above the draining that begins within its width', () => {
  const cut = band(104, 104.001);
  const draining: Band = { ...band(104.001, 104.002, ''), tone: 'draining' };
  const unknown: Band = { ...band(100, 108, ''), tone: 'unknown' };
  expect(boxOf(cut, span, 800)?.width).toBe(4);
  const drawn = drawOrder([cut, draining, unknown]);
  expect(drawn.map(({ tone }) => tone)).toEqual(['unknown', 'draining', 'cut']);
});

describe('labels', () => {
  const widthOf = (words: string) => words.length * 10;

  test('begin at their band, or stand flush right where there is no room', () => {
    const labels = placeLabels(
      [band(101, 102, 'short'), band(107, 108, 'a long one')],
      span,
      800,
      widthOf,
    );
    expect(labels.map(({ x, anchor }) => ({ x, anchor }))).toEqual([
      { x: 700, anchor: 'start' },
      { x: 100, anchor: 'start' },
    ]);
    const [tight] = placeLabels([band(107.5, 108, 'a long one')], span, 800, widthOf);
    expect(tight).toMatchObject({ x: 800, anchor: 'end' });
  });

  test('never overlap: the newest is kept', () => {
    const labels = placeLabels(
      [band(101, 101.2, 'older'), band(101.3, 101.4, 'newer')],
      span,
      800,
      widthOf,
    );
    expect(labels.map((label) => label.band.words)).toEqual(['newer']);
  });

  test('that are wider than the strip are left to the table', () => {
    expect(placeLabels([band(101, 102, 'x'.repeat(90))], span, 800, widthOf)).toEqual([]);
  });
});
