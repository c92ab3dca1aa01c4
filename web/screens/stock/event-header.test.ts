import { expect, test } from 'vitest';
import { readHeader } from './event-header.ts';

test('a header text gives what a person reads first', () => {
  const text = '{"device":"dock-2","kind":"stock.moved","occurredAt":1,"receivedAt":2}';
  expect(readHeader(text)).toEqual({
    kind: 'stock.moved',
    device: 'dock-2',
    occurredAt: 1,
    receivedAt: 2,
  });
});

test('text of another form gives nothing, and the exact text is still shown', () => {
  expect(['', 'null', '{"kind":"x"}', '[1]'].map(readHeader)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
