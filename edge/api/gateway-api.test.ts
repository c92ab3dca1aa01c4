import { readFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestLog } from '../testing/test-parts.ts';
import { createGatewayApi } from './gateway-api.ts';
import { bannerOf } from '../floor/floor-banner.ts';
import type { GatewayStatus } from './gateway-status.ts';

const fine: GatewayStatus = {
  version: '1.2.3',
  startedAtMs: 1000,
  clockAheadMs: 0,
  intake: { hold: undefined, lastPos: 70, backlog: 2, pendingBytes: 0, keptBytes: 900 },
  journal: { epoch: 1, seq: 50, blocked: false, roomReserved: true },
  uplink: { state: 'away', committedSeq: 20 },
  disk: {
    freeBytes: 5000,
    roomBytes: 4000,
    roomForDays: 9.27,
    databases: [{ name: 'journal', bytes: 800, walBytes: 80 }],
    writtenBytes: 600,
    writtenBytesPerDay: 700,
  },
  broker: { connections: 3, framesCut: 4, signInsLimited: 5 },
  forgottenTags: 12,
  devices: [
    {
      device: 'dock',
      faults: [{ code: 'tag-refused', sinceMs: 5, subject: 'speed', text: 'no such node' }],
      lineFaults: { framesCut: 2, notRead: 0, protocolFaults: 1 },
      profile: 'impinj-r700',
      connected: true,
      covered: true,
      quarantined: 1,
      readsPerMinute: 60,
      silent: false,
    },
  ],
  alerts: [{ id: 'a', open: true, openedAt: 1, text: 'cold', type: 'excursion' }],
};

async function startApi(status: GatewayStatus = fine) {
  const asked: unknown[] = [];
  const api = createGatewayApi({
    host: '127.0.0.1',
    port: 0,
    token: 'the-token',
    log: createTestLog().log,
    source: {
      status: () => status,
      quarantine(device, limit, beforeId) {
        asked.push([device, limit]);
        const row = { pos: 9, device: 'dock', channel: 'c', detail: 'd', receivedAtMs: 5 };
        const sha256 = 'ab'.repeat(32);
        const kept = { reason: 'malformed', bytes: 3, sha256, head: Buffer.from('abc') } as const;
        return [9, 8, 7]
          .filter((id) => beforeId === undefined || id < beforeId)
          .map((id) => ({ ...row, ...kept, id }))
          .slice(0, limit);
      },
    },
  });
  const port = await api.start();
  onTestFinished(() => api.stop());
  const get = (path: string, token?: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  return { get, asked };
}

describe('health', () => {
  test('is open to anybody, and a hub that is away is no fault of the gateway', async () => {
    const { get } = await startApi();
    const answer = await get('/health');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      status: 'ok',
      intake: { state: 'open', backlog: 2 },
      journal: { epoch: 1, seq: 50, blocked: false },
      uplink: { state: 'away', backlogEvents: 30 },
      disk: { freeBytes: 5000, roomBytes: 4000, roomForDays: 9.2 },
    });
  });

  test.each([
    ['held', { intake: { ...fine.intake, hold: { reason: 'disk-full', sinceMs: 7 } } }],
    ['degraded', { journal: { ...fine.journal, blocked: true } }],
    ['degraded', { uplink: { state: 'halted' as const, committedSeq: 1, reason: 'fork' } }],
  ])('says %s with 503', async (status, changes) => {
    const { get } = await startApi({ ...fine, ...changes });
    const answer = await get('/health');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ status });
  });
});

describe('what only the token opens', () => {
  test.each(['/metrics', '/devices', '/quarantine'])('%s', async (path) => {
    const { get } = await startApi();
    for (const token of [undefined, '', 'the-toke', 'the-token2']) {
      const answer = await get(path, token);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code: 'NOT_SIGNED_IN', retryable: false });
    }
    expect((await get(path, 'the-token')).status).toBe(200);
  });

  test('metrics are in the form of Prometheus', async () => {
    const { get } = await startApi();
    const text = await (await get('/metrics', 'the-token')).text();
    const lines = text.split('\n');
    expect(lines).toContain('holdfast_intake_entries_total 70');
    expect(lines).toContain('holdfast_uplink_backlog_events 30');
    expect(lines).toContain('holdfast_mqtt_frames_cut_total 4');
    expect(lines).toContain('holdfast_mqtt_sign_ins_limited_total 5');
    expect(lines).toContain('holdfast_device_quarantined_total{device="dock"} 1');
    expect(lines).toContain('holdfast_alerts_open 1');
    expect(lines).toContain('holdfast_disk_room_days 9.2');
    expect(lines).toContain('holdfast_disk_written_bytes_per_day 700');
    expect(lines).toContain('holdfast_disk_written_bytes_total 600');
    expect(lines).toContain('holdfast_tags_forgotten_total 12');
    expect(lines).toContain('holdfast_database_wal_bytes{database="journal"} 80');
    expect(lines).toContain(
      'holdfast_device_fault{device="dock",code="tag-refused",subject="speed"} 1',
    );
    expect(lines).toContain('holdfast_device_line_faults_total{device="dock",fault="framesCut"} 2');
    const again = (await (await get('/metrics', 'the-token')).text()).split('\n');
    expect(again).toContain('holdfast_intake_entries_total 70');
  });

  test('are there for every alert rule about gateways', async () => {
    const file = new URL('../../deploy/prometheus/holdfast.rules.yaml', import.meta.url);
    const named = (await readFile(file, 'utf8')).matchAll(/expr: (holdfast_(?!hub_)\w+)/g);
    const rules = [...named].map(([, metric]) => metric);
    const { get } = await startApi();
    const text = await (await get('/metrics', 'the-token')).text();
    expect(rules).toContain('holdfast_intake_held');
    for (const metric of rules) expect(text).toContain(`# TYPE ${metric} gauge`);
  });

  test('say how long room lasts as health and page do, and what is unknown as NaN', async () => {
    for (const [days, metric, shown] of [
      [undefined, 'NaN', null],
      [Infinity, '+Inf', null],
      [9.27, '9.2', 9.2],
      [0.0999, '0.09', 0.09],
    ] as const) {
      const of = { ...fine, disk: { ...fine.disk, roomForDays: days } };
      const { get } = await startApi(of);
      const text = await (await get('/metrics', 'the-token')).text();
      expect(text.split('\n')).toContain(`holdfast_disk_room_days ${metric}`);
      expect(await (await get('/health')).json()).toMatchObject({ disk: { roomForDays: shown } });
      expect(bannerOf(of, undefined, 0).room.days).toBe(shown);
    }
  });

  test('how far each target of the feed is, in metrics and, without reasons, in health', async () => {
    const of = { target: 'wms', type: 'webhook', epoch: 1, seq: 3, delivered: 3 } as const;
    const target = { ...of, state: 'failing', lagEvents: 47, failures: 2, reason: 'x' } as const;
    const { get } = await startApi({ ...fine, feed: [target] });
    const lines = (await (await get('/metrics', 'the-token')).text()).split('\n');
    expect(lines).toContain('holdfast_feed_lag_events{target="wms"} 47');
    expect(lines).toContain('holdfast_feed_failing{target="wms"} 1');
    const health = (await (await get('/health')).json()) as { feed: unknown; status: string };
    expect(health.status).toBe('ok');
    expect(health.feed).toEqual([{ target: 'wms', state: 'failing', lagEvents: 47 }]);
  });

  test('quarantine of one device', async () => {
    const { get, asked } = await startApi();
    const answer = await get('/quarantine?device=dock', 'the-token');
    const message = { device: 'dock', reason: 'malformed', headBase64: 'YWJj' };
    expect(await answer.json()).toMatchObject({ messages: [message, message, message] });
    expect(asked).toEqual([['dock', 201]]);
  });

  test('quarantine page by page, the last one without a cursor', async () => {
    const { get } = await startApi();
    const page = async (query: string) =>
      (await (await get(`/quarantine?limit=2${query}`, 'the-token')).json()) as {
        messages: object[];
        nextCursor: string | null;
      };
    const first = await page('');
    expect(first.messages).toHaveLength(2);
    const second = await page(`&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({ messages: [{}], nextCursor: null });
    expect(second.messages).toHaveLength(1);
    expect(first.messages.concat(second.messages)).toMatchObject([{ id: 9 }, { id: 8 }, { id: 7 }]);
  });

  test.each([
    ['limit=0', 'limit is a whole number from 1 to 1000'],
    ['limit=1001', 'limit is'],
    ['limit=ten', 'limit is'],
    ['cursor=last', 'cursor is the nextCursor of a page'],
    ['device=a&device=b', 'device is one device id'],
    ['lmit=5', '"lmit" is no parameter here: use device, limit, cursor'],
  ])('refuses /quarantine?%s by name', async (query, message) => {
    const { get } = await startApi();
    const answer = await get(`/quarantine?${query}`, 'the-token');
    expect(answer.status).toBe(400);
    const problem = (await answer.json()) as { code: string; message: string };
    expect(problem.code).toBe('BAD_INPUT');
    expect(problem.message).toContain(message);
  });
});

test('an unknown page is a problem with a code', async () => {
  const { get } = await startApi();
  const answer = await get('/nothing');
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: 'NOT_FOUND' });
});
