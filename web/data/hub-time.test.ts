import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { HubTime } from './hub-time.ts';

test('the time is the hub’s, whatever the browser’s clock says', async () => {
  const clock = new ManualClock(1_000_000);
  const time = new HubTime(clock);
  time.observe(9_000_000);
  await clock.pass(2500);
  expect(time.nowMs()).toBe(9_002_500);
});

test('an answer that was long on its way does not turn the time back', async () => {
  const clock = new ManualClock(0);
  const time = new HubTime(clock);
  time.observe(50_000);
  await clock.pass(10_000);
  time.observe(52_000);
  expect(time.nowMs()).toBe(60_000);
});

test('a hub whose clock was set back is followed', async () => {
  const clock = new ManualClock(0);
  const time = new HubTime(clock);
  time.observe(10_000_000);
  await clock.pass(1000);
  for (let times = 0; times < 4; times += 1) time.observe(9_990_000);
  expect(time.nowMs()).toBe(9_990_000);
});

test('it is whole milliseconds, though the browser counts parts of them', () => {
  const clock = { nowMs: () => 1000.7, monotonicMs: () => 12.3 };
  const time = new HubTime(clock);
  expect(time.nowMs()).toBe(1001);
  time.observe(9_000_000);
  clock.monotonicMs = () => 15.9;
  expect(time.nowMs()).toBe(9_000_004);
});
