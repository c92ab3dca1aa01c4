import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../../data/api-problem.ts';
import { ManualClock, settle } from '../../testing/manual-clock.ts';
import { FlowFeed } from './flow-feed.ts';
import { Polled } from './polled.ts';

let clock: ManualClock;
let asked: number;
let answer: Answer<number>;
let polled: Polled<number>;

beforeEach(() => {
  clock = new ManualClock(0);
  asked = 0;
  answer = { ok: true, value: 1 };
  polled = new Polled(clock, 5000, () => {
    asked += 1;
    return Promise.resolve(answer);
  });
});

const away = {
  ok: false,
  problem: { code: 'UNREACHABLE', message: '', retryable: true },
} as const;

describe('a polled resource', () => {
  test('asks only while somebody looks, again and again', async () => {
    expect(asked).toBe(0);
    const ends = [polled.subscribe(() => {}), polled.subscribe(() => {})];
    await settle();
    await clock.pass(11_000);
    expect([asked, polled.value]).toEqual([3, 1]);
    for (const end of ends) end();
    await clock.pass(60_000);
    expect(asked).toBe(3);
  });

  test('keeps what was known when an answer fails, and says so', async () => {
    let told = 0;
    polled.subscribe(() => (told += 1));
    await settle();
    answer = away;
    await clock.pass(5000);
    expect(polled.loaded).toEqual({ state: 'ready', value: 1, problem: away.problem });
    answer = { ok: true, value: 2 };
    await clock.pass(5000);
    expect(polled.loaded).toEqual({ state: 'ready', value: 2 });
    expect(told).toBe(3);
  });

  test('asks at once when told to, and forgets what belonged to somebody else', async () => {
    polled.reload();
    expect(asked).toBe(0);
    answer = away;
    polled.subscribe(() => {});
    await settle();
    expect(polled.loaded.state).toBe('failed');
    answer = { ok: true, value: 3 };
    polled.reload();
    await settle();
    expect([asked, polled.value]).toEqual([2, 3]);
    polled.forget();
    expect(polled.value).toBeUndefined();
  });
});

describe('the live flow', () => {
  test('connects again after an error and after silence, with the device it was asked for', async () => {
    const urls: string[] = [];
    let closed = 0;
    let fail: (event: Event) => void = () => {};
    const feed = new FlowFeed(clock, (url) => {
      urls.push(url);
      return {
        addEventListener: (type, listener) => {
          if (type === 'error') fail = listener;
        },
        close: () => (closed += 1),
      };
    });
    feed.start('reader-1');
    fail(new Event('error'));
    expect(feed.state).toBe('lost');
    await clock.pass(3000);
    await clock.pass(18_000);
    expect(urls).toEqual(Array(3).fill('/floor/api/flow?device=reader-1'));
    feed.stop();
    expect(closed).toBe(3);
    await clock.pass(60_000);
    expect(urls).toHaveLength(3);
  });
});
