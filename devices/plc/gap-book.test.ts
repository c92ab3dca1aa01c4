import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closeGaps, dueGaps, emptyGapBook, noteStatuses } from './gap-book.ts';
import type { BadStretch, GapBook } from './gap-book.ts';

const bad = (...tags: string[]) => tags.map((tag) => ({ tag, isGood: false }));
const good = (...tags: string[]) => tags.map((tag) => ({ tag, isGood: true }));

describe('stretches without a good value', () => {
  test('tags that go bad and come back together are one gap', () => {
    const { book } = noteStatuses(emptyGapBook, bad('a', 'b'), 100);
    const { gaps } = noteStatuses(book, good('a', 'b'), 400);
    expect(gaps).toEqual([{ channels: 2, fromMs: 100, toMs: 400 }]);
  });

  test('a tag that stays good or stays bad says nothing', () => {
    const { book, gaps } = noteStatuses(emptyGapBook, good('a'), 100);
    expect(gaps).toEqual([]);
    const once = noteStatuses(book, bad('a'), 200);
    expect(noteStatuses(once.book, bad('a'), 300)).toEqual({ book: once.book, gaps: [] });
  });

  test('a long one is told in slices that grow and never overlap', () => {
    let { book } = noteStatuses(emptyGapBook, bad('a'), 0);
    const told: BadStretch[] = [];
    for (let nowMs = 0; nowMs <= 100_000; nowMs += 1000) {
      const due = dueGaps(book, nowMs);
      book = due.book;
      told.push(...due.gaps);
    }
    told.push(...closeGaps(book, 100_500).gaps);
    expect(told.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [0, 10_000],
      [10_000, 30_000],
      [30_000, 70_000],
      [70_000, 100_500],
    ]);
  });

  test('whatever happens, the gaps of a tag tile the time in which it was bad', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 20_000 })));
    fc.assert(
      fc.property(steps, (list) => {
        let book: GapBook = emptyGapBook;
        let [nowMs, badMs, toldMs, wasBad] = [0, 0, 0, false];
        const add = (gaps: readonly BadStretch[]): void => {
          for (const { fromMs, toMs } of gaps) toldMs += toMs - fromMs;
        };
        for (const [isGood, afterMs] of list) {
          nowMs += afterMs;
          if (wasBad) badMs += afterMs;
          wasBad = !isGood;
          for (const step of [noteStatuses(book, [{ tag: 'a', isGood }], nowMs)]) {
            add(step.gaps);
            const due = dueGaps(step.book, nowMs);
            add(due.gaps);
            book = due.book;
          }
        }
        add(closeGaps(book, nowMs).gaps);
        expect(toldMs).toBe(badMs);
      }),
    );
  });
});
