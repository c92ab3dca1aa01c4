import { describe, expect, test } from 'vitest';
import { decodeBlock, fitEvents } from './block-codec.ts';

const events = [
  { header: '{"seq":1}', payload: '{}' },
  { header: '{"seq":2}', payload: '{"text":"Kühlhaus ❄"}' },
  { header: '{"seq":3}', payload: '{"a":1}' },
];
const textOf = (some: typeof events) =>
  some.map(({ header, payload }) => `${header}\n${payload}\n`).join('');
const text = textOf(events);
const bytesOf = (first: number, until: number) =>
  Buffer.byteLength(textOf(events.slice(first, until)));

describe('a block', () => {
  test('gives back the events it was made of', () => {
    expect(decodeBlock(text)).toEqual(events);
  });

  test('is cut behind whole events, by count', () => {
    for (const count of [0, 1, 2, 3, 4]) {
      const fitting = fitEvents(text, 0, { events: count, bytes: Infinity });
      expect(fitting.events).toBe(Math.min(count, events.length));
      expect(decodeBlock(text.slice(0, fitting.end))).toEqual(events.slice(0, count));
    }
  });

  test('is cut by its length in bytes, not in characters', () => {
    const start = fitEvents(text, 0, { events: 1, bytes: Infinity }).end;
    const two = bytesOf(1, 3);
    const all = { events: 9, bytes: two };
    expect(fitEvents(text, start, all)).toEqual({ events: 2, end: text.length });
    expect(fitEvents(text, start, { ...all, bytes: two - 1 }).events).toBe(1);
    expect(fitEvents(text, start, { ...all, bytes: bytesOf(1, 2) - 1 }).events).toBe(0);
  });
});
