import { expect, test } from 'vitest';
import { BlindTimes } from './blind-times.ts';

test('one time of blindness lasts from the first fault to the end of the last', () => {
  const blind = new BlindTimes();
  blind.begin('g', ['a', 'b'], 'gateway down', 10);
  blind.begin('g', ['a', 'b'], 'gateway down', 20);
  blind.begin('g', ['a'], 'server down', 15);
  blind.end('g', ['a', 'b'], 'gateway down', 30);
  blind.end('g', ['a', 'b'], 'gateway down', 40);
  expect(blind.times()).toEqual([
    { gateway: 'g', device: 'a', cause: 'gateway down', fromMs: 10, toMs: 30 },
    { gateway: 'g', device: 'b', cause: 'gateway down', fromMs: 10, toMs: 30 },
  ]);
});
