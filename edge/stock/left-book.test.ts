import { describe, expect, test } from 'vitest';
import type { StateRow } from '../observe/state-row.ts';
import { LeftBook } from './left-book.ts';

const dayMs = 24 * 3_600_000;
const nowMs = Date.UTC(2026, 10, 22, 13, 0, 30);

function restored(rows: readonly Pick<StateRow, 'key' | 'value'>[]): LeftBook {
  const book = new LeftBook();
  for (const { key, value } of rows) if (value !== null) book.restore(key, value);
  return book;
}

describe('serials that have left', () => {
  test('are known for a week, also over a restart', () => {
    const book = new LeftBook();
    book.keep('a', nowMs);
    book.keep('b', nowMs);
    book.forget('b');
    const rows: StateRow[] = [];
    book.drainDirty(rows);
    for (const one of [book, restored(rows)]) {
      one.expire(nowMs + 6.9 * dayMs);
      expect([one.has('a'), one.has('b')]).toEqual([true, false]);
      one.expire(nowMs + 7.1 * dayMs);
      expect(one.has('a')).toBe(false);
    }
  });

  test('are kept from when they left last', () => {
    const book = new LeftBook();
    book.keep('a', nowMs);
    book.keep('a', nowMs + 5 * dayMs);
    book.expire(nowMs + 8 * dayMs);
    expect(book.has('a')).toBe(true);
    book.expire(nowMs + 13 * dayMs);
    expect(book.has('a')).toBe(false);
  });

  test('are read as earlier releases wrote them', () => {
    const book = restored([{ key: 'a', value: `[1,${nowMs}]` }]);
    book.expire(nowMs + 6.9 * dayMs);
    expect(book.has('a')).toBe(true);
    book.expire(nowMs + 7.1 * dayMs);
    expect(book.has('a')).toBe(false);
  });
});
