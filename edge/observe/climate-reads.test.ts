import { describe, expect, test } from 'vitest';
import type { EventPayload } from '#contracts/event-kinds.ts';
import type { SiteConfig } from '../config/gateway-config.ts';
import { raw, startMs, testSite } from './testing/test-site.ts';
import { lotItem, StockRig, stockSite } from '../post/testing/stock-rig.ts';

const minute = 60_000;
const site: SiteConfig = {
  ...stockSite,
  devices: [
    ...testSite.devices,
    { id: 'probe', profile: 'tasmota', zone: 'storage', buffers: true, silentAfterMs: 3_600_000 },
  ],
};

/** What `probe` says of a time. */
function told(celsius: number, atMs: number) {
  const Time = new Date(atMs).toISOString();
  return raw('probe', 'SENSOR', JSON.stringify({ Time, DS18B20: { Temperature: celsius } }));
}

const climateOf = (rig: StockRig) => rig.drafts.filter(({ kind }) => kind.startsWith('climate.'));
const statuses = (rig: StockRig) => rig.stock.rows({ item: lotItem }, 10).map((row) => row.status);

function receive(rig: StockRig): void {
  const goods = { item: lotItem, lot: 'L1', quantity: 5 };
  rig.act({ type: 'receive', zone: 'storage', what: { goods } });
}

describe('a sensor whose clock', () => {
  test('ran ahead within what is believed is heard once it was set', () => {
    const rig = new StockRig(site);
    rig.take(told(5, rig.nowMs + 4 * minute));
    rig.take(told(12, rig.nowMs + 1000));
    expect(climateOf(rig)).toMatchObject([{ kind: 'climate.excursion-started' }]);
  });

  test('was set back a little is heard, at the time of receipt', () => {
    const rig = new StockRig(site);
    rig.take(told(5, rig.nowMs));
    rig.take(told(12, rig.nowMs - 2 * minute));
    expect(climateOf(rig)).toMatchObject([
      { kind: 'climate.excursion-started', timeQuality: 'arrival', occurredAt: rig.nowMs },
    ]);
  });

  test('is right, and that is heard twice, says it once', () => {
    const rig = new StockRig(site);
    const warm = told(12, rig.nowMs);
    rig.take(warm);
    rig.take(told(5, rig.nowMs));
    rig.take(warm);
    expect(climateOf(rig).map(({ kind }) => kind)).toEqual([
      'climate.excursion-started',
      'climate.excursion-ended',
    ]);
  });
});

describe('an excursion that is told after the fact', () => {
  test('is said once with its span and worst value, and holds what was there then', () => {
    const rig = new StockRig(site);
    rig.take(told(5, rig.nowMs));
    receive(rig);
    const fromMs = rig.nowMs;
    rig.wait(20 * minute);
    rig.take(told(5, rig.nowMs));
    const past = [12, 14, 11].map((celsius, at) => told(celsius, fromMs + at * minute));
    for (const body of past) rig.take(body);
    rig.restart();
    rig.wait(15_000);
    for (const body of past) rig.take(body);
    rig.wait(15_000);
    const payload = {
      zone: 'storage',
      measure: 'temperature',
      bound: 'above',
      limit: 8000,
      from: fromMs,
      to: fromMs + 2 * minute,
      readings: 3,
      worst: 14_000,
      sensor: 'probe/DS18B20',
    };
    expect(climateOf(rig)).toMatchObject([{ kind: 'climate.excursion-found', payload }]);
    expect(statuses(rig)).toEqual(['quality-hold']);
  });

  test('names what was there and left since, and holds what is still at the site', () => {
    const rig = new StockRig(site);
    rig.take(told(5, rig.nowMs));
    receive(rig);
    const fromMs = rig.nowMs;
    rig.wait(5 * minute);
    const what = (quantity: number) => ({ goods: { item: lotItem, lot: 'L1', quantity } });
    const move = (zone: string, toZone: string, quantity: number) => {
      const { outcome } = rig.act({ type: 'move', zone, toZone, what: what(quantity) });
      expect(outcome).toMatchObject({ type: 'applied' });
    };
    move('storage', 'receiving', 4);
    rig.wait(minute);
    move('receiving', 'shipping', 3);
    rig.wait(minute);
    rig.act({ type: 'ship', zone: 'shipping', what: what(1) });
    rig.wait(20 * minute);
    rig.take(told(5, rig.nowMs));
    rig.take(told(12, fromMs + minute));
    rig.take(told(12, fromMs + 2 * minute));
    rig.restart();
    rig.wait(15_000);
    const [found, left] = climateOf(rig);
    expect(found).toMatchObject({ kind: 'climate.excursion-found' });
    expect(left).toMatchObject({
      kind: 'climate.goods-left',
      payload: {
        zone: 'storage',
        sensor: 'probe/DS18B20',
        from: fromMs + minute,
        lots: [
          { item: lotItem, lot: 'L1', quantity: 4, toZone: 'receiving' },
          { item: lotItem, lot: 'L1', quantity: 1, fromZone: 'shipping' },
        ],
      },
    });
    const held = rig.stock
      .rows({ item: lotItem }, 10)
      .map(({ quantity, status, zone }) => `${zone} ${status} ${quantity}`);
    expect(held.sort()).toEqual([
      'receiving quality-hold 1',
      'shipping quality-hold 2',
      'storage quality-hold 1',
    ]);
  });

  test('counts goods once that left in two parts and went on as one', () => {
    const rig = new StockRig(site);
    rig.take(told(5, rig.nowMs));
    receive(rig);
    const fromMs = rig.nowMs;
    rig.wait(5 * minute);
    const what = (quantity: number) => ({ goods: { item: lotItem, lot: 'L1', quantity } });
    for (const quantity of [2, 3]) {
      rig.act({ type: 'move', zone: 'storage', toZone: 'shipping', what: what(quantity) });
      rig.wait(minute);
    }
    rig.act({ type: 'ship', zone: 'shipping', what: what(4) });
    rig.wait(20 * minute);
    rig.take(told(5, rig.nowMs));
    rig.take(told(12, fromMs + minute));
    rig.wait(15_000);
    const left = climateOf(rig).filter(({ kind }) => kind === 'climate.goods-left');
    const lots = left.flatMap(({ payload }) => {
      return (payload as EventPayload<'climate.goods-left'>).lots;
    });
    const sum = (some: typeof lots) => some.reduce((all, { quantity }) => all + quantity, 0);
    expect(sum(lots.filter(({ fromZone }) => fromZone === undefined))).toBe(5);
    expect(sum(lots.filter(({ fromZone }) => fromZone === 'shipping'))).toBe(4);
    expect(statuses(rig)).toEqual(['quality-hold']);
  });

  test('concerns nothing that left before it, or came after', () => {
    const rig = new StockRig(site);
    rig.take(told(5, rig.nowMs));
    receive(rig);
    rig.wait(5 * minute);
    const goods = { item: lotItem, lot: 'L1', quantity: 5 };
    rig.act({ type: 'move', zone: 'storage', toZone: 'receiving', what: { goods } });
    rig.wait(20 * minute);
    rig.take(told(5, rig.nowMs));
    rig.take(told(12, rig.nowMs - 10 * minute));
    rig.wait(15_000);
    expect(climateOf(rig)).toMatchObject([{ kind: 'climate.excursion-found' }]);
    expect(statuses(rig)).not.toContain('quality-hold');
  });

  test('holds nothing that came since', () => {
    const rig = new StockRig(site);
    rig.take(told(5, rig.nowMs));
    rig.wait(20 * minute);
    receive(rig);
    rig.take(told(5, rig.nowMs));
    rig.take(told(12, startMs + 5 * minute));
    rig.wait(15_000);
    expect(climateOf(rig)).toMatchObject([{ kind: 'climate.excursion-found' }]);
    expect(statuses(rig)).toEqual(['available']);
  });
});
