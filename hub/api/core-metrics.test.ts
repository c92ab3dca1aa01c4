import { readFile } from 'node:fs/promises';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { Fleet, GatewayRow } from '#contracts/api/fleet-api.ts';
import { addCoreMetrics } from './core-metrics.ts';

const row = (gateway: string, of: Partial<GatewayRow>) =>
  ({
    site: 'north',
    gateway,
    committedSeq: 7,
    backlogEvents: null,
    stuck: null,
    state: 'live',
    ...of,
  }) as GatewayRow;

test('the first scrape already says of each gateway what is known, and nothing of the rest', async () => {
  let asked = 0;
  const registry = new Registry();
  addCoreMetrics(registry, {
    status: () => ({ nats: 'connected', intake: 'consuming', taken: { events: 3 } }),
    queries: {
      fleet() {
        asked += 1;
        const stuck = { code: 'INTERNAL', seq: 8, sinceMs: 1 };
        const gateways = [
          row('gw-1', { stuck }),
          row('gw-2', { backlogEvents: 5, state: 'halted' }),
        ];
        return Promise.resolve({ asOfMs: 1, gateways, devices: [], alerts: [] } satisfies Fleet);
      },
      quarantine: () =>
        Promise.resolve([
          { gateway: '', reason: 'unknown-gateway', total: 9 },
          { gateway: 'gw-1', reason: 'poison', total: 2 },
        ]),
    },
  });
  const samples = async () =>
    (await registry.metrics()).split('\n').filter((line) => /^[^#]/.test(line));
  const expected = [
    'holdfast_hub_events_taken_total{outcome="events"} 3',
    'holdfast_hub_nats_connected 1',
    'holdfast_hub_gateway_committed_seq{site="north",gateway="gw-1"} 7',
    'holdfast_hub_gateway_committed_seq{site="north",gateway="gw-2"} 7',
    'holdfast_hub_gateway_backlog_events{site="north",gateway="gw-2"} 5',
    'holdfast_hub_gateway_halted{site="north",gateway="gw-1"} 0',
    'holdfast_hub_gateway_halted{site="north",gateway="gw-2"} 1',
    'holdfast_hub_gateway_stuck{site="north",gateway="gw-1"} 1',
    'holdfast_hub_gateway_stuck{site="north",gateway="gw-2"} 0',
    'holdfast_hub_quarantined_total{gateway="",reason="unknown-gateway"} 9',
    'holdfast_hub_quarantined_total{gateway="gw-1",reason="poison"} 2',
  ];
  expect(await samples()).toEqual(expected);
  expect(asked).toBe(1);
  expect(await samples()).toEqual(expected);
  expect(asked).toBe(2);
});

test('every alert rule about the hub reads a metric that it has', async () => {
  const file = new URL('../../deploy/prometheus/holdfast.rules.yaml', import.meta.url);
  const named = (await readFile(file, 'utf8')).matchAll(/expr: (holdfast_hub_\w+)/g);
  const rules = [...named].map(([, metric]) => metric);
  const registry = new Registry();
  addCoreMetrics(registry, {
    status: () => ({ nats: 'connected', intake: 'consuming', taken: {} }),
    queries: {
      fleet: () => Promise.resolve({ asOfMs: 1, gateways: [], devices: [], alerts: [] }),
      quarantine: () => Promise.resolve([]),
    },
  });
  const had = (await registry.getMetricsAsJSON()).map(({ name }) => name);
  expect(rules).toContain('holdfast_hub_gateway_halted');
  expect(rules).toContain('holdfast_hub_gateway_stuck');
  expect(had).toEqual(expect.arrayContaining(rules));
});
