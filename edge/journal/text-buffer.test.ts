import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextBuffer } from './text-buffer.ts';

test('what was put in is there, in order, at any length', () => {
  const piece = fc.oneof(
    fc.record({ as: fc.constant('number' as const), value: fc.maxSafeInteger() }),
    fc.record({ as: fc.constant('text' as const), value: fc.string({ unit: 'grapheme' }) }),
    fc.record({
      as: fc.constant('ascii' as const),
      value: fc.string({ unit: 'grapheme-ascii', maxLength: 90_000, size: 'max' }),
    }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const buffer = new TextBuffer();
      for (const { as, value } of pieces) {
        if (as === 'number') buffer.number(value);
        else if (as === 'text') buffer.text(value);
        else buffer.ascii(value);
      }
      const text = pieces.map(({ value }) => String(value)).join('');
      expect(buffer.view().toString('utf8')).toBe(text);
      expect(buffer.length).toBe(Buffer.byteLength(text));
    }),
  );
});

test('numbers up to the largest safe ones have all their digits', () => {
  const numbers = [0, 9, 10, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1e15, 1e15 - 1];
  for (const number of numbers) {
    expect(new TextBuffer().number(number).view().toString()).toBe(String(number));
  }
});

test('a part of another text is copied, and what was cleared is gone', () => {
  const other = new TextBuffer().text('kühl');
  const buffer = new TextBuffer().ascii('gone').clear().part(other, 0, 3).part(other, 3, 5);
  expect(buffer.view().toString()).toBe('kühl');
});
