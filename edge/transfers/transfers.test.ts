import { describe, expect, test } from 'vitest';
import type { EventPayload } from '#contracts/event-kinds.ts';
import type { TransferNotice } from '#contracts/transfers.ts';
import type { SiteConfig } from '../config/gateway-config.ts';
import {
  bulkItem,
  gtin,
  kindsOf,
  lotItem,
  pallet,
  palletTag,
  serial,
  StockRig,
  stockSite,
} from '../post/testing/stock-rig.ts';
import { zebraBody } from '../observe/testing/test-site.ts';
import { TwoGateways, type Name } from './testing/two-gateways.ts';

const dayMs = 24 * 3_600_000;
const siteWithOther: SiteConfig = {
  ...stockSite,
  elsewhere: [{ gateway: 'gw-2', id: 'hall-2' }],
};

function received(gateways: TwoGateways, quantity = 20): void {
  gateways.at('north', (rig) =>
    rig.act({
      type: 'receive',
      zone: 'north-dock',
      what: { goods: { item: bulkItem, quantity } },
    }),
  );
}

function moved(gateways: TwoGateways, quantity: number) {
  return gateways.at('north', (rig) =>
    rig.act({
      type: 'move',
      zone: 'north-dock',
      toZone: 'south-dock',
      what: { goods: { item: bulkItem, quantity } },
    }),
  );
}

function packed(gateways: TwoGateways, epcs: readonly string[]): void {
  gateways.at('north', (rig) => {
    rig.pass(epcs, 'in');
    rig.wait(8000);
    rig.act({ type: 'pack', parent: pallet, zone: 'north-dock', serials: [...epcs] });
  });
}

/** Units, then things: which gateway's readers see them come in. */
function passed(gateways: TwoGateways, name: Name, epcs: readonly string[], way: 'in' | 'out') {
  gateways.at(name, (rig) => {
    rig.pass(epcs, way);
    rig.wait(20_000);
  });
}

const transfersAt = (gateways: TwoGateways, name: Name) => gateways.rigs[name].stock.transfers();

describe('a move to a zone of another gateway', () => {
  test('leaves into the lane, is expected there, and arrives out of the lane', () => {
    const gateways = new TwoGateways();
    received(gateways);
    const { outcome, drafts } = moved(gateways, 12);
    expect(outcome).toEqual({ type: 'applied' });
    expect(kindsOf(drafts)).toEqual(['stock.shipped', 'transfer.sent']);
    gateways.send('north');
    expect(gateways.balances().get(`transit:north>south ${bulkItem}`)).toBe(12);
    gateways.tell('south');
    const [coming] = transfersAt(gateways, 'south');
    expect(coming).toMatchObject({ isOwn: false, other: 'north', lines: [{ left: 12 }] });
    const transfer = coming?.transfer ?? '';
    const half = gateways.at('south', (rig) =>
      rig.act({
        type: 'receive',
        zone: 'south-store',
        transfer,
        what: { goods: { item: bulkItem, quantity: 5 } },
      }),
    );
    expect(half.outcome).toEqual({ type: 'applied' });
    const over = gateways.at('south', (rig) =>
      rig.act({
        type: 'receive',
        zone: 'south-store',
        transfer,
        what: { goods: { item: bulkItem, quantity: 8 } },
      }),
    );
    expect(over.outcome).toMatchObject({ type: 'refused', code: 'over-document' });
    gateways.at('south', (rig) =>
      rig.act({
        type: 'receive',
        zone: 'south-store',
        transfer,
        what: { goods: { item: bulkItem, quantity: 7 } },
      }),
    );
    gateways.settle();
    expect(transfersAt(gateways, 'south')).toEqual([]);
    expect(transfersAt(gateways, 'north')).toEqual([]);
    expect([...gateways.balances()]).toEqual([
      [`supplier ${bulkItem}`, -20],
      [`north north-dock ${bulkItem}`, 8],
      [`south south-store ${bulkItem}`, 12],
    ]);
  });

  test('is refused of a zone that no configuration names, and with a status of its own', () => {
    const gateways = new TwoGateways();
    received(gateways);
    const goods = { item: bulkItem, quantity: 1 };
    const to = (toZone: string, toStatus?: 'available') =>
      gateways.at('north', (rig) =>
        rig.act({
          type: 'move',
          zone: 'north-dock',
          toZone,
          what: { goods },
          ...(toStatus && { toStatus }),
        }),
      );
    expect(to('nowhere').outcome).toMatchObject({ code: 'unknown-zone' });
    expect(to('south-dock', 'available').outcome).toMatchObject({ code: 'wrong-status' });
  });

  test('of a pallet arrives as one where readers see enough of it, with all that is in it', () => {
    const gateways = new TwoGateways();
    const epcs = [1, 2, 3, 4, 5].map(serial);
    packed(gateways, epcs);
    gateways.at('north', (rig) =>
      rig.act({
        type: 'move',
        zone: 'north-dock',
        toZone: 'south-dock',
        what: { unit: pallet },
      }),
    );
    gateways.send('north');
    gateways.tell('south');
    gateways.rigs.south.restart();
    passed(gateways, 'south', epcs.slice(0, 4), 'in');
    const unit = gateways.rigs.south.stock.unit(pallet);
    expect(unit).toMatchObject({ state: 'here', zone: 'south-dock', serials: epcs });
    gateways.settle();
    expect([...gateways.balances()].filter(([key]) => !key.startsWith('supplier'))).toEqual([
      [`south south-dock ${gtin} ${pallet}`, 5],
    ]);
    expect(transfersAt(gateways, 'north')).toEqual([]);
  });

  test('keeps a hold of the goods, and their lot and owner', () => {
    const gateways = new TwoGateways();
    const goods = { item: lotItem, lot: 'L1', owner: 'acme', quantity: 6 };
    gateways.at('north', (rig) => {
      rig.act({ type: 'receive', zone: 'north-store', what: { goods } });
      rig.act({ type: 'hold', zone: 'north-store', what: { goods }, reason: 'quality' });
      rig.act({ type: 'move', zone: 'north-store', toZone: 'south-store', what: { goods } });
    });
    gateways.send('north');
    gateways.tell('south');
    const [coming] = transfersAt(gateways, 'south');
    gateways.at('south', (rig) =>
      rig.act({
        type: 'receive',
        zone: 'south-store',
        transfer: coming?.transfer ?? '',
        what: { goods },
      }),
    );
    expect(gateways.rigs.south.stock.rows({}, 10)).toEqual([
      { ...goods, zone: 'south-store', status: 'quality-hold' },
    ]);
  });

  test('is looked for when nothing says for too long that it arrived, and then no more', () => {
    const gateways = new TwoGateways();
    received(gateways);
    moved(gateways, 3);
    gateways.at('north', (rig) => rig.take({ type: 'tick' }, dayMs + 61_000));
    const tasks = () => gateways.rigs.north.stock.tasks().map(({ task }) => task);
    expect(tasks()).toEqual(['verify-transfer']);
    gateways.rigs.north.restart();
    gateways.send('north');
    gateways.tell('south');
    const [coming] = transfersAt(gateways, 'south');
    gateways.at('south', (rig) =>
      rig.act({
        type: 'receive',
        zone: 'south-dock',
        transfer: coming?.transfer ?? '',
        what: { goods: { item: bulkItem, quantity: 3 } },
      }),
    );
    gateways.settle();
    expect(tasks()).toEqual([]);
  });

  test('that is turned back is received again where it left', () => {
    const gateways = new TwoGateways();
    received(gateways);
    moved(gateways, 4);
    const [sent] = transfersAt(gateways, 'north');
    const back = gateways.at('north', (rig) =>
      rig.act({
        type: 'receive',
        zone: 'north-store',
        transfer: sent?.transfer ?? '',
        what: { goods: { item: bulkItem, quantity: 4 } },
      }),
    );
    expect(back.outcome).toEqual({ type: 'applied' });
    gateways.settle();
    expect(transfersAt(gateways, 'south')).toEqual([]);
    expect(gateways.balances().get(`north north-store ${bulkItem}`)).toBe(4);
    expect(gateways.balances().has(`transit:north>south ${bulkItem}`)).toBe(false);
  });
});

describe('an arrival that nobody had told of', () => {
  test('is a receipt until word comes, and is then booked out of the lane', () => {
    const gateways = new TwoGateways();
    const epcs = [1, 2].map(serial);
    passed(gateways, 'north', epcs, 'in');
    gateways.at('north', (rig) =>
      rig.act({
        type: 'move',
        zone: 'north-dock',
        toZone: 'south-dock',
        what: { goods: { item: gtin, quantity: 2, serials: [...epcs] } },
      }),
    );
    passed(gateways, 'south', epcs, 'in');
    gateways.settle();
    expect([...gateways.balances()]).toEqual([
      [`supplier ${gtin}`, -2],
      [`south south-dock ${gtin}`, 2],
    ]);
    expect(kindsOf(gateways.rigs.south.drafts)).toContain('stock.rebooked');
  });

  test('of what the other gateway still has in its book makes it leave there', () => {
    const gateways = new TwoGateways();
    passed(gateways, 'north', [serial(1)], 'in');
    passed(gateways, 'south', [serial(1)], 'in');
    gateways.settle();
    expect([...gateways.balances()]).toEqual([
      [`supplier ${gtin}`, -1],
      [`south south-dock ${gtin}`, 1],
    ]);
    expect(kindsOf(gateways.rigs.north.drafts)).not.toContain('stock.conflict');
  });

  test('takes the whole pallet along when most of it was seen elsewhere', () => {
    const gateways = new TwoGateways();
    const epcs = [1, 2, 3, 4, 5].map(serial);
    packed(gateways, epcs);
    passed(gateways, 'south', epcs.slice(0, 4), 'in');
    gateways.settle();
    expect(gateways.rigs.north.stock.unit(pallet)?.state).toBe('gone');
    expect([...gateways.balances()].filter(([key]) => !key.startsWith('supplier'))).toEqual([
      [`south south-dock ${gtin}`, 4],
      [`transit:north>south ${gtin} ${pallet}`, 1],
    ]);
  });

  test('through a door between the gateways is out of the lane at once, on both sides', () => {
    const gateways = new TwoGateways(true);
    gateways.at('north', (rig) =>
      rig.act({
        type: 'receive',
        zone: 'north-store',
        what: { goods: { item: gtin, quantity: 1, serials: [serial(1)] } },
      }),
    );
    passed(gateways, 'south', [serial(1)], 'in');
    passed(gateways, 'north', [serial(1)], 'out');
    gateways.settle();
    expect([...gateways.balances()]).toEqual([
      [`supplier ${gtin}`, -1],
      [`south south-dock ${gtin}`, 1],
    ]);
    expect(kindsOf(gateways.rigs.south.drafts)).toContain('transfer.matched');
  });

  test('of loose goods is said by who receives them, and matched with what left', () => {
    const gateways = new TwoGateways();
    received(gateways);
    const goods = { item: bulkItem, quantity: 9 };
    const taken = gateways.at('south', (rig) =>
      rig.act({ type: 'receive', zone: 'south-dock', from: 'north', what: { goods } }),
    );
    expect(taken.outcome).toEqual({ type: 'applied' });
    expect(gateways.balances().size).toBe(0);
    gateways.send('south');
    expect(gateways.balances().get(`transit:north>south ${bulkItem}`)).toBe(-9);
    moved(gateways, 9);
    gateways.settle();
    expect(transfersAt(gateways, 'south')).toEqual([]);
    expect(gateways.balances().has(`transit:north>south ${bulkItem}`)).toBe(false);
    const strange = gateways.at('south', (rig) =>
      rig.act({ type: 'receive', zone: 'south-dock', from: 'east', what: { goods } }),
    );
    expect(strange.outcome).toMatchObject({ code: 'unknown-gateway' });
  });

  test('waits for readers that still have it, and becomes a question where they go on to', () => {
    const rig = new StockRig(siteWithOther);
    const seen = (epc: string) => {
      const of = { epc, antenna: 3, reads: 6, number: rig.nowMs, atMs: rig.nowMs };
      rig.take(zebraBody(of), 20);
    };
    const epcs = [serial(1), serial(2)];
    rig.pass(epcs, 'in');
    for (const epc of epcs) seen(epc);
    rig.wait(8000);
    const of = { gateway: 'gw-2', site: 'leeds', epcs, units: [], seenAtMs: rig.nowMs };
    rig.take({ type: 'transfers', notices: [{ type: 'elsewhere', ...of }] });
    // Presence lets go of a tag only a while after its last read.
    const booked = () => rig.stock.rows({}, 10).map(({ quantity }) => quantity);
    expect(booked()).toEqual([2]);
    for (let round = 0; round < 12; round += 1) {
      seen(serial(2));
      rig.wait(10_000);
    }
    expect(booked()).toEqual([1]);
    expect(rig.stock.tasks()).toMatchObject([{ task: 'verify-movement', epc: serial(2) }]);
    const [sent] = rig.drafts.flatMap(({ kind, payload }) =>
      kind === 'transfer.sent' ? [payload as EventPayload<'transfer.sent'>] : [],
    );
    expect(sent).toMatchObject({ to: 'gw-2', lines: [{ serials: [serial(1)] }] });
  });
});

test('what a box before this one sent is on its way from here still, and can be taken back', () => {
  const rig = new StockRig(siteWithOther);
  const [first, second] = [serial(1), serial(2)] as const;
  const lines = [
    { owner: 'own', item: gtin, quantity: 2, serials: [first, second] },
    { owner: 'own', item: bulkItem, quantity: 6 },
  ];
  const of = { from: { gateway: 'gw-1', site: 'leeds' }, lane: 'gw-1>gw-2', lines };
  const transfer = 'gw-1/1/x7-0';
  const sent = { ...of, sentAtMs: rig.nowMs, toZone: 'hall-2', transfer };
  // It came back before word of it came, and was taken for a receipt.
  rig.pass([first], 'in');
  rig.wait(8000);
  rig.take({ type: 'transfers', notices: [{ type: 'coming', ...sent }] });
  const [shown] = rig.stock.transfers();
  expect(shown).toMatchObject({ isOwn: true, other: 'gw-2', site: 'leeds', toZone: 'hall-2' });
  expect(shown?.lines.map(({ left }) => left)).toEqual([1, 6]);
  expect(kindsOf(rig.drafts)).toContain('stock.rebooked');
  const goods = { item: bulkItem, quantity: 6 };
  const back = rig.act({ type: 'receive', zone: 'storage', transfer, what: { goods } });
  expect(back.outcome).toEqual({ type: 'applied' });
  rig.take({ type: 'tick' }, dayMs + 61_000);
  expect(rig.stock.tasks().map(({ task }) => task)).toEqual(['verify-transfer']);
  rig.restart();
  rig.take({ type: 'transfers', notices: [{ type: 'coming', ...sent }] });
  expect(rig.stock.transfers()[0]?.lines.map(({ left }) => left)).toEqual([1, 0]);
  rig.take({
    type: 'transfers',
    notices: [{ type: 'settled', sentAtMs: sent.sentAtMs, transfer }],
  });
  expect(rig.stock.transfers()).toEqual([]);
});

test('a pallet that a box before this one sent is not back because readers still have it', () => {
  const rig = new StockRig(siteWithOther);
  const seen = (epc: string) =>
    rig.take(zebraBody({ epc, antenna: 3, reads: 6, number: rig.nowMs, atMs: rig.nowMs }), 20);
  const serials = [serial(1), serial(2)];
  const goods = [{ owner: 'own', item: gtin, quantity: 2 }];
  const notice: TransferNotice = {
    type: 'coming',
    from: { gateway: 'gw-1', site: 'leeds' },
    lane: 'gw-1>gw-2',
    lines: goods.map((line) => ({ ...line, unit: pallet })),
    units: [{ unit: pallet, goods, serials }],
    sentAtMs: rig.nowMs,
    transfer: 'gw-1/1/x7-0',
  };
  rig.take({ type: 'transfers', notices: [notice] });
  for (const epc of [...serials, ...serials]) seen(epc);
  rig.wait(20_000);
  expect(rig.stock.rows({}, 10)).toEqual([]);
  rig.restart();
  rig.wait(60_000);
  rig.pass(serials, 'in');
  rig.wait(20_000);
  expect(rig.stock.rows({}, 10)).toMatchObject([{ zone: 'receiving', quantity: 2 }]);
  expect(rig.stock.transfers()).toEqual([]);
});

test('goods that another gateway took in though none left are asked after until they are sent', () => {
  const rig = new StockRig(siteWithOther);
  const goods = { item: bulkItem, quantity: 9 };
  rig.act({ type: 'receive', zone: 'storage', what: { goods } });
  const of = { gateway: 'gw-2', site: 'leeds', item: bulkItem, owner: 'own', sinceMs: rig.nowMs };
  const tell = (quantity: number) =>
    rig.take({ type: 'transfers', notices: [{ type: 'missing', ...of, quantity }] });
  const open = () => rig.stock.tasks().map(({ reason, task }) => [task, reason]);
  const asked = (quantity: number) => [
    ['verify-transfer', `gw-2 took in ${quantity} from here, and nothing says that they left`],
  ];
  tell(9);
  expect(open()).toEqual(asked(9));
  expect(tell(9)).toEqual([]);
  rig.restart();
  expect(tell(9)).toEqual([]);
  rig.act({
    type: 'move',
    zone: 'storage',
    toZone: 'hall-2',
    what: { goods: { item: bulkItem, quantity: 5 } },
  });
  expect(open()).toEqual([]);
  // The hub has matched what left: so many it still knows nothing of.
  rig.take({
    type: 'transfers',
    notices: rig.stock.transfers().map(({ sentMs, transfer }) => ({
      type: 'settled',
      sentAtMs: sentMs,
      transfer: `gw-1/1/${transfer}`,
    })),
  });
  tell(4);
  expect(open()).toEqual(asked(4));
  tell(3);
  expect(open()).toEqual(asked(3));
});

test('a pallet that is announced by its tag arrives by its tag', () => {
  const gateways = new TwoGateways();
  packed(gateways, [serial(1), serial(2)]);
  gateways.at('north', (rig) =>
    rig.act({
      type: 'move',
      zone: 'north-dock',
      toZone: 'south-dock',
      what: { unit: pallet },
    }),
  );
  gateways.send('north');
  gateways.tell('south');
  passed(gateways, 'south', [palletTag], 'in');
  expect(gateways.rigs.south.stock.unit(pallet)?.zone).toBe('south-dock');
});
