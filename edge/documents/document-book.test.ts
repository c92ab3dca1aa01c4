import { describe, expect, test } from 'vitest';
import type { SiteDocument } from '#contracts/documents.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import type { StateRow } from '../observe/state-row.ts';
import { DocumentBook, sayEveryMs } from './document-book.ts';

const document: SiteDocument = {
  type: 'receipt',
  id: 'PO 4711/2',
  version: 1,
  site: 'leeds',
  state: 'open',
  tolerance: { overPermille: 100, underPermille: 200 },
  lines: [
    { line: 1, item: 'a', quantity: 10 },
    { line: 2, item: 'a', lot: 'L2', quantity: 5 },
    { line: 3, item: 'b', quantity: 4, serials: ['30AA', '30BB'] },
  ],
};
const { id } = document;
const kind = (item: string, lot = '') => ({ owner: 'own', item, lot });

function bookOf(...documents: SiteDocument[]) {
  const out: EventDraft[] = [];
  const book = new DocumentBook();
  for (const one of documents) book.put(one, 0, out);
  return { book, out };
}

describe('a document', () => {
  test('is taken once a version, and a later version replaces it and keeps the progress', () => {
    const { book, out } = bookOf(document, document);
    expect(out).toHaveLength(1);
    book.progress({ id, line: 1 }, 4, 0);
    const next = { ...document, version: 2, lines: document.lines.slice(0, 1) };
    expect(book.put(next, 0, out)).toBe(true);
    expect(book.view(id)).toMatchObject({ version: 2, expected: 10, seen: 4 });
    expect(book.put(document, 0, out)).toBe(false);
    expect(book.lineOfSerial('receipt', '30AA')).toBeUndefined();
  });

  test.each([
    ['another item', { item: 'c' }, 0],
    ['another owner', { owner: 'acme' }, 0],
    ['another lot', { lot: 'L3' }, 0],
    ['another quantity', { quantity: 7 }, 4],
    ['its owner by name', { owner: 'own' }, 4],
  ])('a later version that gives a line %s keeps what was of it', (_, change, seen) => {
    const { book, out } = bookOf(document);
    book.progress({ id, line: 2 }, 4, 0);
    const [first, second, third] = document.lines;
    if (first === undefined || second === undefined || third === undefined) expect.fail();
    book.put({ ...document, version: 2, lines: [first, { ...second, ...change }, third] }, 1, out);
    expect(book.seenOf(id, 2)).toBe(seen);
  });

  test('is found by serial, by goods with room, and by lot', () => {
    const { book } = bookOf(document);
    expect(book.lineOfSerial('receipt', '30BB')).toEqual({ id, line: 3 });
    expect(book.lineOfSerial('shipment', '30BB')).toBeUndefined();
    expect(book.lineOfGoods('receipt', kind('a', 'L2'))).toEqual({ id, line: 1 });
    book.progress({ id, line: 1 }, 10, 0);
    expect(book.lineOfGoods('receipt', kind('a', 'L2'))).toEqual({ id, line: 2 });
    expect(book.lineOfGoods('receipt', kind('a', 'L3'))).toBeUndefined();
    expect(book.lineOfGoods('receipt', { ...kind('a'), owner: 'acme' })).toBeUndefined();
  });

  test('expects no other thing on a line that names all of its own', () => {
    const [first] = document.lines;
    if (first === undefined) expect.fail();
    const named = { ...first, item: 'n', lot: undefined, quantity: 2 };
    const { lot: _lot, ...line } = named;
    const serials = ['30CC', '30DD'];
    const { book, out } = bookOf({ ...document, lines: [{ ...line, serials }] });
    expect(book.lineOfGoods('receipt', kind('n'))).toBeUndefined();
    expect(book.lineOfSerial('receipt', '30DD')).toEqual({ id, line: line.line });
    const one = { ...document, version: 2, lines: [{ ...line, serials: ['30CC'] }] };
    book.put(one, 0, out);
    expect(book.lineOfGoods('receipt', kind('n'))).toEqual({ id, line: line.line });
  });

  test('is complete when each line is, not when the sum is', () => {
    const lines = [1, 2].map((line) => ({ line, item: `i${line}`, quantity: 10 }));
    const { book } = bookOf({ ...document, lines });
    book.progress({ id, line: 1 }, 11, 0);
    book.progress({ id, line: 2 }, 9, 0);
    expect(book.view(id)).toMatchObject({ seen: 20, expected: 20, isComplete: false });
    book.progress({ id, line: 2 }, 1, 0);
    expect(book.view(id)?.isComplete).toBe(true);
    book.progress({ id, line: 1 }, 1, 0);
    expect(book.view(id)?.isComplete).toBe(false);
  });

  test('the earliest expected comes first', () => {
    const late = { ...document, id: 'A', expectedAtMs: 2000 };
    const soon = { ...document, id: 'Z', expectedAtMs: 1000 };
    const { book } = bookOf(document, late, soon);
    expect(book.lineOfGoods('receipt', kind('b'))?.id).toBe('Z');
    expect(book.summaries().map((one) => one.id)).toEqual(['Z', 'A', id]);
  });

  test('says its progress together, once in a while, and which lines it was', () => {
    const { book } = bookOf(document);
    const out: EventDraft[] = [];
    book.progress({ id, line: 3 }, 1, 500);
    book.progress({ id, line: 1 }, 2, 900);
    book.progress({ id, line: 3 }, 1, 900);
    book.tick(500 + sayEveryMs - 1, out);
    expect(out).toEqual([]);
    book.tick(500 + sayEveryMs, out);
    expect(out).toMatchObject([
      {
        kind: 'document.progressed',
        payload: {
          seen: 4,
          expected: 19,
          lines: [
            { line: 1, seen: 2 },
            { line: 3, seen: 2 },
          ],
        },
      },
    ]);
  });

  test('is over its line beyond the tolerance only', () => {
    const { book } = bookOf(document);
    expect(book.progress({ id, line: 1 }, 11, 0)).toBe(false);
    expect(book.progress({ id, line: 1 }, 1, 0)).toBe(true);
  });

  test('closes complete when all lines have what they expect', () => {
    const { book } = bookOf(document);
    for (const { line, quantity } of document.lines) book.progress({ id, line }, quantity, 0);
    const out: EventDraft[] = [];
    expect(book.tick(sayEveryMs, out)).toMatchObject([{ isComplete: true }]);
    expect(out.at(-1)).toMatchObject({ kind: 'document.closed', payload: { reason: 'complete' } });
    expect(book.isOpen(id)).toBe(false);
  });

  test('closed by somebody, it lists what differs and whether that is within tolerance', () => {
    const within = bookOf(document);
    for (const [line, seen] of [
      [1, 8],
      [2, 5],
      [3, 4],
    ] as const) {
      within.book.progress({ id, line }, seen, 0);
    }
    expect(within.book.close(id, 'closed', 0, within.out)).toMatchObject([{ isComplete: true }]);
    expect(within.out.at(-1)).toMatchObject({
      payload: { complete: true, lines: [{ line: 1, seen: 8, expected: 10 }] },
    });
    const beyond = bookOf(document);
    beyond.book.progress({ id, line: 1 }, 7, 0);
    expect(beyond.book.close(id, 'closed', 0, beyond.out)).toMatchObject([{ isComplete: false }]);
  });

  test('that was closed opens again with a later version, and is forgotten a month after', () => {
    const { book, out } = bookOf(document);
    book.close(id, 'closed', 0, out);
    book.put({ ...document, version: 2 }, 1, out);
    expect(book.isOpen(id)).toBe(true);
    book.close(id, 'closed', 2, out);
    book.tick(29 * 86_400_000, out);
    expect(book.view(id)).toMatchObject({ state: 'closed' });
    book.tick(31 * 86_400_000, out);
    expect(book.view(id)).toBeUndefined();
  });

  test('leaves no rows behind', () => {
    const { book, out } = bookOf(document);
    book.progress({ id, line: 2 }, 5, 0);
    book.put({ ...document, version: 2, lines: document.lines.slice(0, 1) }, 1, out);
    book.close(id, 'cancelled', 2, out);
    book.tick(40 * 86_400_000, out);
    const rows: StateRow[] = [];
    book.drainDirty(rows);
    expect(rows.filter(({ value }) => value !== null)).toEqual([]);
  });
});
