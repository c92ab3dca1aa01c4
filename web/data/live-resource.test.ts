import { describe, expect, test } from 'vitest';
import { ManualClock, settle } from '../testing/manual-clock.ts';
import type { Answer } from './api-problem.ts';
import { HubStream } from './hub-stream.ts';
import { HubTime } from './hub-time.ts';
import { LiveResource } from './live-resource.ts';

function resourceOf() {
  const clock = new ManualClock(10_000);
  const stream = new HubStream(clock, new HubTime(clock), () => {
    throw new Error('not opened here');
  });
  const asked: ((answer: Answer<number>) => void)[] = [];
  const resource = new LiveResource<number>(
    clock,
    stream,
    'fleet',
    () => new Promise((resolve) => asked.push(resolve)),
  );
  const answer = async (value: Answer<number>) => {
    asked.at(-1)?.(value);
    await settle();
  };
  return { clock, stream, resource, asked, answer };
}

const ok = (value: number): Answer<number> => ({ ok: true, value });
const away: Answer<number> = {
  ok: false,
  problem: { code: 'UNREACHABLE', message: '', retryable: true },
};

describe('a live resource', () => {
  test('loads when somebody looks, and not before', async () => {
    const { resource, asked, answer } = resourceOf();
    expect(asked).toHaveLength(0);
    resource.subscribe(() => {});
    expect(resource.loaded).toEqual({ state: 'loading' });
    await answer(ok(7));
    expect(resource.loaded).toEqual({ state: 'ready', value: 7 });
  });

  test('fetches again when its topic is announced, many announcements at the price of one', async () => {
    const { clock, stream, resource, asked, answer } = resourceOf();
    resource.subscribe(() => {});
    await answer(ok(1));
    for (let times = 0; times < 5; times += 1) stream.changed.tell('fleet', []);
    stream.changed.tell('stock', []);
    expect(resource.settled).toBe(false);
    await clock.pass(1000);
    expect(asked).toHaveLength(2);
    await answer(ok(2));
    expect(resource.loaded).toEqual({ state: 'ready', value: 2 });
    expect(resource.settled).toBe(true);
  });

  test('asks once more for what was announced while an answer was on its way', async () => {
    const { clock, stream, resource, asked, answer } = resourceOf();
    resource.subscribe(() => {});
    stream.changed.tell('fleet', []);
    stream.changed.tell('fleet', []);
    expect(asked).toHaveLength(1);
    await answer(ok(1));
    await clock.pass(1000);
    expect(asked).toHaveLength(2);
  });

  test('keeps what it knew when a refresh fails, and says so', async () => {
    const { clock, stream, resource, answer } = resourceOf();
    resource.subscribe(() => {});
    await answer(ok(1));
    stream.changed.tell('fleet', []);
    await clock.pass(1000);
    await answer(away);
    expect(resource.loaded).toMatchObject({
      state: 'ready',
      value: 1,
      problem: { code: 'UNREACHABLE' },
    });
    expect(resource.settled).toBe(false);
  });

  test('that never loaded has failed, until it is tried again', async () => {
    const { resource, answer } = resourceOf();
    resource.subscribe(() => {});
    await answer(away);
    expect(resource.loaded.state).toBe('failed');
    resource.reload();
    expect(resource.loaded.state).toBe('loading');
    await answer(ok(3));
    expect(resource.loaded).toEqual({ state: 'ready', value: 3 });
  });

  test('takes no late answer of a load that was given up', async () => {
    const { resource, asked } = resourceOf();
    resource.subscribe(() => {});
    resource.reload();
    asked[0]?.(ok(1));
    await settle();
    expect(resource.loaded).toEqual({ state: 'loading' });
  });
});
