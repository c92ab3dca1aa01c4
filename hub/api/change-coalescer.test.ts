import { expect, test } from 'vitest';
import { createChangeCoalescer } from './change-coalescer.ts';

test('the first change of a topic is said at once', () => {
  const coalescer = createChangeCoalescer(250);
  coalescer.offer({ topic: 'stock', sites: ['berlin'] });
  expect(coalescer.nextAtMs(1000)).toBe(1000);
  expect(coalescer.take(1000)).toEqual([{ topic: 'stock', atMs: 1000, sites: ['berlin'] }]);
  expect(coalescer.nextAtMs(1000)).toBeUndefined();
});

test('what follows waits and goes out together, at most four times a second', () => {
  const coalescer = createChangeCoalescer(250);
  const said: number[] = [];
  for (let nowMs = 0; nowMs < 10_000; nowMs += 1) {
    coalescer.offer({ topic: 'stock', sites: [`site-${nowMs % 3}`] });
    for (const message of coalescer.take(nowMs)) said.push(message.sites.length);
  }
  expect(said).toHaveLength(40);
  expect(said.slice(1).every((sites) => sites === 3)).toBe(true);
});

test('topics do not hold each other up', () => {
  const coalescer = createChangeCoalescer(250);
  coalescer.offer({ topic: 'stock', sites: ['a'] });
  coalescer.take(0);
  coalescer.offer({ topic: 'stock', sites: ['b', 'a'] });
  coalescer.offer({ topic: 'fleet', sites: ['a'] });
  expect(coalescer.take(10).map((message) => message.topic)).toEqual(['fleet']);
  expect(coalescer.nextAtMs(10)).toBe(250);
  expect(coalescer.take(250)).toEqual([{ topic: 'stock', atMs: 250, sites: ['a', 'b'] }]);
});

test('a clock that was set back silences nothing', () => {
  const coalescer = createChangeCoalescer(250);
  coalescer.offer({ topic: 'stock', sites: ['a'] });
  coalescer.take(1_000_000);
  coalescer.offer({ topic: 'stock', sites: ['a'] });
  expect(coalescer.take(5)).toHaveLength(1);
});
