import { describe, expect, test } from 'vitest';
import type { FloorAct } from '#contracts/acts.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import type { SiteConfig } from '../config/gateway-config.ts';
import { climateBody } from '../observe/testing/test-site.ts';
import {
  bulkItem,
  fullLease,
  kindsOf,
  linesOf,
  lotItem,
  pallet,
  StockRig,
  stockSite,
} from './testing/stock-rig.ts';

function receive(rig: StockRig, zone: string, lot: string | undefined, quantity: number) {
  const goods = lot === undefined ? { item: bulkItem, quantity } : { item: lotItem, lot, quantity };
  return rig.act({ type: 'receive', zone, what: { goods } });
}

/** Within the second in which the goods came: before the gateway looks at what came. */
function pack(rig: StockRig, goods: { item: string; lot: string; quantity: number }[]) {
  const act = {
    id: 'act-pack',
    person: 'p-1',
    type: 'pack',
    zone: 'storage',
    parent: pallet,
    goods,
  };
  return rig.send(act as FloorAct, fullLease, 1);
}

function degrees(rig: StockRig, celsius: number, sensor = 'cold-1'): EventDraft[] {
  return rig.take(climateBody(sensor, { temperature: celsius }));
}

function held(drafts: readonly EventDraft[]) {
  return drafts
    .filter(({ kind }) => kind === 'stock.held')
    .flatMap(linesOf)
    .filter(({ quantity }) => quantity > 0)
    .map(({ account, item, lot, quantity }) => [account, item, lot, quantity]);
}

function statuses(rig: StockRig, item = lotItem) {
  return rig.stock.rows({ item }, 10).map(({ status, lot, quantity }) => [status, lot, quantity]);
}

/** Devices that are quiet in these tests say so. */
function ofGoods(drafts: readonly EventDraft[]): EventDraft[] {
  return drafts.filter(({ kind }) => !kind.startsWith('device.'));
}

const onHold = { status: 'quality-hold', type: 'zone', zone: 'storage' };

function siteWith(change: Partial<SiteConfig['zones'][number]>): SiteConfig {
  const zones = stockSite.zones.map((zone) =>
    zone.id === 'storage' ? { ...zone, ...change } : zone,
  );
  return { ...stockSite, zones };
}

describe('goods in a zone that is out of its limits', () => {
  test('go on quality hold where they are kept by lot, all others stay in use', () => {
    const rig = new StockRig();
    receive(rig, 'storage', 'L1', 5);
    receive(rig, 'storage', 'L2', 3);
    receive(rig, 'storage', undefined, 7);
    receive(rig, 'receiving', 'L3', 2);
    const said = degrees(rig, 9.4);
    expect(kindsOf(said)).toEqual(['climate.excursion-started', 'stock.held']);
    expect(held(said)).toEqual([
      [onHold, lotItem, 'L1', 5],
      [onHold, lotItem, 'L2', 3],
    ]);
    expect(said[1]?.payload).toMatchObject({
      reason: 'climate',
      evidence: { agreed: ['climate:storage'], certaintyPermille: 950 },
    });
    expect(statuses(rig, bulkItem)).toEqual([['available', undefined, 7]]);
  });

  test('are held as the policy of their item says', () => {
    const items: SiteConfig['items'] = [
      { item: lotItem, tracking: 'lot', perishable: false },
      { item: bulkItem, tracking: 'bulk', perishable: true },
    ];
    const rig = new StockRig({ ...stockSite, ...(items && { items }) });
    receive(rig, 'storage', 'L1', 5);
    receive(rig, 'storage', undefined, 7);
    expect(held(degrees(rig, 9))).toEqual([[onHold, bulkItem, undefined, 7]]);
  });

  test('are held only once it has lasted for the time of the zone', () => {
    const rig = new StockRig(siteWith({ holdAfterMs: 60_000 }));
    receive(rig, 'storage', 'L1', 5);
    expect(kindsOf(degrees(rig, 9))).toEqual(['climate.excursion-started']);
    expect(kindsOf(rig.wait(50_000))).toEqual([]);
    degrees(rig, 5);
    degrees(rig, 9);
    expect(kindsOf(ofGoods(rig.wait(59_000)))).toEqual([]);
    expect(kindsOf(ofGoods(rig.wait(2000)))).toEqual(['stock.held']);
  });

  test('are held when they come in meanwhile, and not again once a person released them', () => {
    const rig = new StockRig();
    receive(rig, 'storage', 'L1', 5);
    degrees(rig, 9);
    const goods = { item: lotItem, lot: 'L1', quantity: 5 };
    const freed = rig.act({ type: 'release', zone: 'storage', what: { goods } });
    expect(freed.outcome.type).toBe('applied');
    expect(kindsOf(rig.wait(3000))).toEqual([]);
    const came = receive(rig, 'storage', 'L2', 4);
    expect(held(came.drafts)).toEqual([]);
    const next = receive(rig, 'storage', undefined, 7);
    expect(held([...next.drafts, ...rig.wait(2000)])).toEqual([[onHold, lotItem, 'L2', 4]]);
    expect(statuses(rig)).toEqual([
      ['available', 'L1', 5],
      ['quality-hold', 'L2', 4],
    ]);
    degrees(rig, 5);
    receive(rig, 'storage', 'L3', 1);
    expect(held(rig.wait(2000))).toEqual([]);
  });
});

describe('goods that came into a zone that is out of its limits', () => {
  test('are held in the unit into which they were packed at once', () => {
    const rig = new StockRig();
    degrees(rig, 9);
    receive(rig, 'storage', 'L2', 4);
    const goods = [{ item: lotItem, lot: 'L2', quantity: 4 }];
    const packed = pack(rig, goods);
    expect(packed.outcome.type).toBe('applied');
    rig.wait(2000);
    expect(statuses(rig)).toEqual([['quality-hold', 'L2', 4]]);
  });

  test('are held loose once they were taken out of it at once', () => {
    const rig = new StockRig();
    degrees(rig, 9);
    receive(rig, 'storage', 'L2', 4);
    pack(rig, [{ item: lotItem, lot: 'L2', quantity: 4 }]);
    const unpacked = rig.send(
      { id: 'act-unpack', person: 'p-1', type: 'unpack', parent: pallet },
      fullLease,
      1,
    );
    expect(unpacked.outcome.type).toBe('applied');
    rig.wait(2000);
    expect(statuses(rig)).toEqual([['quality-hold', 'L2', 4]]);
  });
});

describe('the end of a temperature excursion', () => {
  test('says of each lot how warm it had it since it came', () => {
    const rig = new StockRig();
    degrees(rig, 5);
    receive(rig, 'storage', 'L1', 5);
    const cameMs = rig.nowMs;
    rig.wait(600_000);
    degrees(rig, 25);
    rig.wait(1_200_000);
    const said = ofGoods(degrees(rig, 5));
    expect(kindsOf(said)).toEqual(['climate.excursion-ended', 'climate.lots-exposed']);
    const payload = said[1]?.payload as { lots: { meanKineticMilliC: number }[] };
    expect(payload).toMatchObject({
      zone: 'storage',
      measure: 'temperature',
      bound: 'above',
      part: 1,
      parts: 1,
      lots: [{ item: lotItem, lot: 'L1', owner: 'own', quantity: 5, since: cameMs }],
    });
    const weight = (celsius: number) => Math.exp(-10_000 / (celsius + 273.15));
    const [cool, warm] = [601, 1201];
    const mean = (cool * weight(5) + warm * weight(25)) / (cool + warm);
    const direct = 1000 * (10_000 / -Math.log(mean) - 273.15);
    expect(Math.abs((payload.lots[0]?.meanKineticMilliC ?? 0) - direct)).toBeLessThanOrEqual(1);
    const [row] = rig.stock.lotClimate({ lot: 'L1' }, 10);
    expect(row).toMatchObject({ zone: 'storage', lot: 'L1', quantity: 5, sinceMs: cameMs });
    expect(row?.coveredMs).toBe(rig.nowMs - cameMs);
  });

  test('is not waited for by a lot that leaves before', () => {
    const rig = new StockRig();
    receive(rig, 'storage', 'L1', 5);
    degrees(rig, 9);
    const what = { goods: { item: lotItem, lot: 'L1', quantity: 5 } };
    const moved = rig.act({ type: 'move', zone: 'storage', toZone: 'receiving', what });
    expect(moved.outcome).toMatchObject({ type: 'applied' });
    expect(kindsOf(moved.drafts)).toEqual(['stock.moved', 'climate.lots-exposed']);
    expect(kindsOf(degrees(rig, 5))).toEqual(['climate.excursion-ended']);
    expect(rig.stock.lotClimate({ zone: 'storage' }, 10)).toEqual([]);
  });

  test('of humidity says nothing of temperatures', () => {
    const rig = new StockRig();
    receive(rig, 'storage', 'L1', 5);
    degrees(rig, 5);
    expect(kindsOf(rig.take(climateBody('cold-1', { humidity: 70 })))).toContain('stock.held');
    expect(kindsOf(rig.take(climateBody('cold-1', { humidity: 50 })))).toEqual([
      'climate.excursion-ended',
    ]);
  });
});

test('what is said is the same, to the byte, wherever the gateway is restarted', () => {
  const plain = new StockRig();
  const broken = new StockRig();
  for (const rig of [plain, broken]) {
    const cut = () => {
      if (rig === broken) rig.restart();
    };
    const steps = [
      () => void receive(rig, 'storage', 'L1', 5),
      () => void degrees(rig, 5, 'cold-2'),
      () => void degrees(rig, 9),
      () => void receive(rig, 'storage', 'L2', 4),
      () => void rig.wait(1000),
      () => void degrees(rig, 12, 'cold-2'),
      () => void receive(rig, 'storage', 'L1', 1),
      () => void rig.wait(60_000),
      () => void degrees(rig, 6),
      () => void degrees(rig, 6, 'cold-2'),
    ];
    for (const step of steps) {
      step();
      cut();
    }
  }
  expect(JSON.stringify(broken.items)).toBe(JSON.stringify(plain.items));
  expect(kindsOf(plain.drafts)).toContain('climate.lots-exposed');
});
