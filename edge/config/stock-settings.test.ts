import { describe, expect, test } from 'vitest';
import { crossFaults } from './cross-faults.ts';
import { gatewayConfig } from './gateway-config.ts';
import { faultsOf } from '#contracts/validate.ts';

const counter = { device: 'belt', counter: 'units', counts: 'items' } as const;
const config = {
  zones: [{ id: 'dock', status: 'receiving' as const }],
  portals: [{ id: 'gate', zone: 'dock', counter }],
  devices: [{ id: 'belt' }],
  items: [
    { item: '04012345678901', tracking: 'serial' as const },
    { item: 'milk', tracking: 'lot' as const, countTolerance: 2, unitValueMinor: 99 },
  ],
};

const pathsOf = (of: Parameters<typeof crossFaults>[0]) =>
  crossFaults(of, () => undefined).map(({ path, message }) => `${path}: ${message}`);

describe('the stock settings of a config', () => {
  test('that are right have no faults', () => {
    expect(pathsOf(config)).toEqual([]);
  });

  test('name each item once', () => {
    const items = [...config.items, { item: 'milk', tracking: 'bulk' as const }];
    expect(pathsOf({ ...config, items })).toEqual(['/items/2/item: is the same as /items/1/item']);
  });

  test('name only counters of devices that are there', () => {
    const portals = [{ id: 'gate', zone: 'dock', counter: { ...counter, device: 'belt-9' } }];
    expect(pathsOf({ ...config, portals })).toEqual([
      '/portals/0/counter/device: names no device of this gateway',
    ]);
  });

  test('know only the five ways to track an item', () => {
    const faults = faultsOf(gatewayConfig, { items: [{ item: 'milk', tracking: 'batch' }] });
    expect(faults.map(({ path }) => path)).toContain('/items/0/tracking');
  });
});
