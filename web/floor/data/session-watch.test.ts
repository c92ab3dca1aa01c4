import { beforeEach, describe, expect, test } from 'vitest';
import { floorPaths, type FloorSession } from '#contracts/api/floor-api.ts';
import { ApiClient } from '../../data/api-client.ts';
import { SessionData } from '../../data/session-data.ts';
import { floorSession } from '../../testing/floor-fixture.ts';
import { ManualClock, settle } from '../../testing/manual-clock.ts';
import { SessionWatch } from './session-watch.ts';

const minute = 60_000;
let clock: ManualClock;
let asked: string[];
/** As the gateway keeps it. */
let endsAtMs: number;
let watch: SessionWatch;
let session: SessionData<FloorSession>;

beforeEach(async () => {
  clock = new ManualClock(1_000_000);
  asked = [];
  endsAtMs = clock.nowMs() + 60 * minute;
  const api = new ApiClient((path, init) => {
    asked.push(`${init?.method ?? 'GET'} ${path as string}`);
    if (clock.nowMs() >= endsAtMs) return Promise.resolve(new Response('{}', { status: 401 }));
    if (path === floorPaths.stay) endsAtMs = clock.nowMs() + 60 * minute;
    const said = { ...floorSession(clock.nowMs()), expiresAt: endsAtMs };
    return Promise.resolve(new Response(JSON.stringify(said)));
  });
  session = new SessionData<FloorSession>(api, floorPaths.session);
  session.start();
  await settle();
  watch = new SessionWatch({ session, clock, time: clock });
  watch.start({ addEventListener: () => {} });
  asked.length = 0;
});

describe('a session that nobody uses', () => {
  test('is said to end five minutes before, and ends', async () => {
    await clock.pass(54 * minute);
    expect([watch.endsAtMs, asked]).toEqual([undefined, []]);
    await clock.pass(minute + 15_000);
    expect(watch.endsAtMs).toBe(endsAtMs);
    await clock.pass(5 * minute);
    expect(session.current).toEqual({ state: 'signed-out', ended: true });
    expect(asked.every((each) => each === `GET ${floorPaths.session}`)).toBe(true);
    await clock.pass(15_000);
    expect(watch.endsAtMs).toBeUndefined();
  });

  test('goes on when somebody touches the page, and that is told once a minute', async () => {
    await clock.pass(57 * minute);
    expect(watch.endsAtMs).toBeDefined();
    asked.length = 0;
    await watch.used();
    await watch.used();
    expect(asked).toEqual([`POST ${floorPaths.stay}`]);
    expect(watch.endsAtMs).toBeUndefined();
    await clock.pass(minute);
    await watch.used();
    expect(asked).toHaveLength(2);
    await clock.pass(30 * minute);
    expect(session.current.state).toBe('signed-in');
  });

  test('goes on where another page of the browser used it', async () => {
    await clock.pass(50 * minute);
    endsAtMs = clock.nowMs() + 60 * minute;
    await clock.pass(10 * minute);
    expect(watch.endsAtMs).toBeUndefined();
    expect(session.current.state).toBe('signed-in');
  });

  test('that is over is not told that somebody is there', async () => {
    endsAtMs = 0;
    await watch.used();
    asked.length = 0;
    await clock.pass(2 * minute);
    await watch.used();
    expect(asked).toEqual([]);
  });
});
