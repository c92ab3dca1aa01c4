import { describe, expect, test } from 'vitest';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { restoreObserver, type StateRow } from './observer.ts';
import * as site from './testing/test-site.ts';

const { startMs } = site;
type Timed = readonly [afterMs: number, body: IntakeBody];

const boot = (lastAliveAfterMs: number): IntakeBody => {
  const lastAliveMs = startMs + lastAliveAfterMs;
  return { type: 'boot', clean: false, lastAliveMs, version: '0.1.0' };
};
const up: IntakeBody = { type: 'connection', device: 'belt', connected: true };
const down = (sinceAfterMs: number): IntakeBody => {
  return { type: 'connection', device: 'belt', connected: false, sinceMs: startMs + sinceAfterMs };
};
const gapEntry = (
  reason: Extract<IntakeBody, { type: 'gap' }>['reason'],
  from: number,
  to: number,
  channels = 2,
): IntakeBody => {
  const times = { fromMs: startMs + from, toMs: startMs + to };
  return { type: 'gap', device: 'belt', reason, channels, ...times };
};
const started = (afterMs: number): IntakeBody => {
  return { type: 'server-start', device: 'belt', startedMs: startMs + afterMs };
};

/** What is told of gaps, by an observer that is restored from its rows before every entry. */
function gapsOf(bodies: readonly Timed[], before: readonly StateRow[] = []): unknown[] {
  const rows = new Map(before.map((row) => [`${row.machine}\n${row.key}`, row]));
  const all: Timed[] = [[0, site.configBody()], ...bodies];
  return site
    .entriesOf(all)
    .flatMap((entry) => {
      const observer = restoreObserver([...rows.values()]);
      const { drafts } = observer.step(entry);
      for (const row of observer.takeDirty()) rows.set(`${row.machine}\n${row.key}`, row);
      return [...drafts];
    })
    .filter(({ kind }) => kind === 'device.gap')
    .map(({ device, payload }) => ({ device, ...payload }));
}

function gap(reason: string, from: number, to: number, ...causes: string[]): unknown {
  const times = { fromMs: startMs + from, toMs: startMs + to };
  const all = causes.length === 0 ? {} : { causes: [reason, ...causes] };
  return { device: 'belt', channels: 2, reason, ...times, ...all };
}

describe('the time in which the gateway was down', () => {
  test('is one gap of every polled device, told when its session stands again', () => {
    const gaps = gapsOf([
      [100, up],
      [9000, boot(5000)],
      [12_000, up],
    ]);
    expect(gaps).toEqual([gap('gateway-down', 5000, 12_000)]);
  });

  test('is one gap, also when the gateway dies again before the session stands', () => {
    const gaps = gapsOf([
      [100, up],
      [9000, boot(5000)],
      [15_000, boot(10_000)],
      [16_000, up],
    ]);
    expect(gaps).toEqual([gap('gateway-down', 5000, 16_000)]);
  });

  test('is told once: a session that stands again later ends nothing of it', () => {
    const gaps = gapsOf([
      [100, up],
      [9000, boot(5000)],
      [12_000, up],
      [12_500, up],
    ]);
    expect(gaps).toHaveLength(1);
  });

  test('ends before the first sample of a server that says when it started', () => {
    const gaps = gapsOf([
      [100, up],
      [9000, boot(5000)],
      [11_000, started(-90_000)],
      [12_000, up],
    ]);
    expect(gaps).toEqual([gap('gateway-down', 5000, 11_000)]);
  });

  test('names the PLC that was away or started anew in it, too', () => {
    const gaps = gapsOf([
      [100, up],
      [4000, down(3000)],
      [9000, boot(5000)],
      [9500, down(9000)],
      [20_000, started(8000)],
      [20_500, up],
    ]);
    expect(gaps).toEqual([gap('gateway-down', 3000, 20_000, 'server-restart', 'link-lost')]);
  });

  test('is nothing at the first start, nor of a PLC that never was there', () => {
    expect(gapsOf([[1000, site.bootBody]])).toEqual([]);
    const gaps = gapsOf([
      [9000, boot(5000)],
      [9500, down(9000)],
      [12_000, started(-90_000)],
      [12_100, up],
    ]);
    expect(gaps).toEqual([]);
  });

  test('goes on where an earlier release wrote since when it lasts', () => {
    const row = { machine: 'unsampled', key: 'belt', value: String(startMs - 4000) };
    expect(gapsOf([[7000, up]], [row])).toEqual([gap('gateway-down', -4000, 7000)]);
  });
});

describe('a link that breaks', () => {
  test('is one gap with the cause that its driver finds', () => {
    const gaps = gapsOf([
      [100, up],
      [4000, down(3000)],
      [9000, gapEntry('server-restart', 3000, 9000)],
      [9001, started(8000)],
      [9200, up],
    ]);
    expect(gaps).toEqual([gap('server-restart', 3000, 9000, 'link-lost')]);
  });

  test('and has lost nothing is a gap of no channel', () => {
    const gaps = gapsOf([
      [100, up],
      [4000, down(3000)],
      [9000, gapEntry('link-lost', 3000, 9000, 0)],
      [9001, up],
    ]);
    expect(gaps).toMatchObject([{ reason: 'link-lost', channels: 0 }]);
    expect(gaps).toHaveLength(1);
  });

  test('is a gap when another driver comes in its place', () => {
    const gaps = gapsOf([
      [100, up],
      [4000, down(4000)],
      [4300, up],
    ]);
    expect(gaps).toEqual([gap('link-lost', 4000, 4300)]);
  });

  test('has its last word when the PLC is taken out of the configuration', () => {
    const others = site.testSite.devices.filter(({ id }) => id !== 'belt');
    const gaps = gapsOf([
      [100, up],
      [4000, down(3000)],
      [9000, site.configBody({ ...site.testSite, devices: others })],
    ]);
    expect(gaps).toEqual([gap('link-lost', 3000, 9000)]);
  });

  test('takes nothing away from what one tag missed', () => {
    const gaps = gapsOf([
      [100, up],
      [4000, gapEntry('overflow', 3000, 4000, 1)],
      [5000, gapEntry('bad-status', 2000, 5000, 1)],
    ]);
    expect(gaps).toMatchObject([{ reason: 'overflow' }, { reason: 'bad-status' }]);
  });
});
