import { expect, test } from 'vitest';
import type { Outage, OutagesPage } from '#contracts/api/outages-api.ts';
import { ManualClock, settle } from '../testing/manual-clock.ts';
import { ApiClient } from './api-client.ts';
import { HubStream } from './hub-stream.ts';
import { HubTime } from './hub-time.ts';
import { OutagesData } from './outages-data.ts';

const outageOf = (n: number) => ({ id: `gw-1/1/${n}`, endedAt: 10_000 - n }) as Outage;

/** A hub with so many outages; a page begins where its cursor says. */
function dataOf(count: number) {
  const clock = new ManualClock(1_000_000);
  const time = new HubTime(clock);
  const stream = new HubStream(clock, time, () => {
    throw new Error('not opened here');
  });
  const asked: URLSearchParams[] = [];
  const hub = {
    outages: Array.from({ length: count }, (_, n) => outageOf(n)),
    failsFrom: Infinity,
  };
  const api = new ApiClient((input) => {
    const query = new URL(input as string, 'http://hub').searchParams;
    asked.push(query);
    const from = Number(query.get('cursor') ?? 0);
    if (from >= hub.failsFrom) return Promise.reject(new TypeError('away'));
    const to = from + Number(query.get('limit'));
    const page: OutagesPage = {
      asOfMs: 2_000_000,
      outages: hub.outages.slice(from, to),
      nextCursor: to < hub.outages.length ? `${to}` : null,
    };
    return Promise.resolve(Response.json(page));
  });
  const parts = { api, clock, hubTime: time, stream, windowMs: 1_000, type: 'uplink' } as const;
  const data = new OutagesData(parts);
  const shown = () => {
    const { loaded } = data.list;
    if (loaded.state !== 'ready') return loaded.state;
    const { outages, more } = loaded.value;
    return { count: outages.length, more, problem: loaded.problem?.code };
  };
  return { clock, stream, asked, hub, data, shown };
}

test('outages are asked for by window and kind, the newest first, and more when one wishes', async () => {
  const { asked, data, shown } = dataOf(450);
  data.list.subscribe(() => {});
  await settle();
  expect(String(asked[0])).toBe('fromMs=999000&type=uplink%2Clane%2Cgateway&limit=200');
  expect(shown()).toEqual({ count: 200, more: true, problem: undefined });
  data.loadMore();
  await settle();
  expect(shown()).toEqual({ count: 400, more: true, problem: undefined });
  data.loadMore();
  await settle();
  expect(shown()).toEqual({ count: 450, more: false, problem: undefined });
});

test('a refresh brings all that was loaded, and an outage that moved between pages once', async () => {
  const { clock, stream, hub, data, shown } = dataOf(450);
  data.list.subscribe(() => {});
  data.loadMore();
  await settle();
  // It stood at the end of one page and stands at the beginning of the next.
  hub.outages[200] = outageOf(199);
  stream.changed.tell('outages', []);
  await clock.pass(1_000);
  await settle();
  expect(shown()).toMatchObject({ count: 399, more: true });
});

test('where a page fails, what was known stays, and no shorter list takes its place', async () => {
  const { hub, data, shown } = dataOf(450);
  data.list.subscribe(() => {});
  await settle();
  hub.failsFrom = 200;
  data.loadMore();
  await settle();
  expect(shown()).toEqual({ count: 200, more: true, problem: 'UNREACHABLE' });
});
