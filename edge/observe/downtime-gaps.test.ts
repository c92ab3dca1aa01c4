import { describe, expect, test } from 'vitest';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { restoreObserver } from './observer.ts';
import * as site from './testing/test-site.ts';

const { startMs } = site;
type Timed = readonly [afterMs: number, body: IntakeBody];

const boot = (lastAliveAfterMs: number): IntakeBody => {
  const lastAliveMs = startMs + lastAliveAfterMs;
  return { type: 'boot', clean: false, lastAliveMs, version: '0.1.0' };
};
const session: IntakeBody = { type: 'connection', device: 'belt', connected: true };

function gapsOf(bodies: readonly Timed[]): unknown[] {
  const observer = restoreObserver([]);
  const all: Timed[] = [[0, site.configBody()], ...bodies];
  return site
    .entriesOf(all)
    .flatMap((entry) => [...observer.step(entry).drafts])
    .filter(({ kind }) => kind === 'device.gap')
    .map(({ device, payload }) => ({ device, payload }));
}

function gap(fromMs: number, toMs: number): unknown {
  const times = { fromMs: startMs + fromMs, toMs: startMs + toMs };
  return { device: 'belt', payload: { channels: 2, reason: 'gateway-down', ...times } };
}

describe('the time in which the gateway was down', () => {
  test('is a gap of every polled device, until its session stands again', () => {
    const gaps = gapsOf([
      [9000, boot(5000)],
      [12_000, session],
    ]);
    expect(gaps).toEqual([gap(5000, 9000), gap(9000, 12_000)]);
  });

  test('is told whole when the gateway dies again before the session stands', () => {
    const gaps = gapsOf([
      [9000, boot(5000)],
      [15_000, boot(10_000)],
      [16_000, session],
    ]);
    expect(gaps).toEqual([gap(5000, 9000), gap(9000, 15_000), gap(15_000, 16_000)]);
  });

  test('is told once: a session that stands again later ends nothing', () => {
    const gaps = gapsOf([
      [9000, boot(5000)],
      [12_000, session],
      [13_000, { ...session, connected: false }],
      [14_000, session],
    ]);
    expect(gaps).toHaveLength(2);
  });

  test('is nothing at the first start', () => {
    expect(gapsOf([[1000, site.bootBody]])).toEqual([]);
  });
});
