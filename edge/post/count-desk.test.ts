import { describe, expect, test } from 'vitest';
import {
  bulkItem,
  fullLease,
  gtin,
  linesOf,
  lotItem,
  pallet,
  serial,
  StockRig,
  type Asked,
} from './testing/stock-rig.ts';

const second = { ...fullLease, id: 'lease-2', person: 'p-2' };

function stocked(): StockRig {
  const rig = new StockRig();
  const receive = { type: 'receive', zone: 'storage' } as const;
  rig.act({ ...receive, what: { goods: { item: bulkItem, quantity: 50 } } });
  rig.act({ ...receive, what: { goods: { item: lotItem, quantity: 20, lot: 'L1' } } });
  return rig;
}

const found = (screws: number, milk = 20) => [
  { item: bulkItem, quantity: screws },
  { item: lotItem, quantity: milk, lot: 'L1' },
];

const count = (screws: number, milk?: number) =>
  ({ type: 'count', zone: 'storage', found: found(screws, milk) }) as const;

const resultOf = (rig: StockRig) =>
  rig.drafts.findLast(({ kind }) => kind === 'stock.counted')?.payload;

const quantityOf = (rig: StockRig, item: string) => rig.stock.rows({ item }, 1)[0]?.quantity;

describe('a blind count', () => {
  test('that agrees changes nothing', () => {
    const rig = stocked();
    rig.act(count(50));
    expect(resultOf(rig)).toMatchObject({ result: 'agrees', lines: [{}, {}] });
    expect(rig.stock.tasks()).toEqual([]);
  });

  test('within the tolerance of its item is adjusted', () => {
    const rig = stocked();
    const { drafts } = rig.act(count(48));
    expect(resultOf(rig)).toMatchObject({ result: 'tolerated' });
    expect(drafts.flatMap(linesOf)).toMatchObject([
      { account: { zone: 'storage' }, quantity: -2 },
      { account: { type: 'count-variance' }, quantity: 2 },
    ]);
    expect(quantityOf(rig, bulkItem)).toBe(48);
  });

  test('within the tolerance is within the limits of who counts too', () => {
    const rig = stocked();
    const none = { ...fullLease, limitPerEntry: 0, limitCumulative: 0 };
    const { act } = rig.act(count(48), none);
    expect(resultOf(rig)).toMatchObject({ result: 'recount' });
    rig.act({ ...count(48), recountOf: act.id }, { ...none, id: 'lease-2', person: 'p-2' });
    expect(resultOf(rig)).toMatchObject({ result: 'review' });
    expect(quantityOf(rig, bulkItem)).toBe(50);
    expect(rig.stock.tasks()).toMatchObject([
      { task: 'approve-variance', reason: `one account differs from the book: ${bulkItem} -2` },
    ]);
  });

  test('takes what it tolerates off the lease', () => {
    const rig = stocked();
    rig.act(count(48));
    expect(rig.stock.leaseUse(fullLease)).toMatchObject({ units: 2 });
  });

  test('tolerates the same goods to be less once in a month, whoever counts', () => {
    const rig = stocked();
    rig.act(count(48));
    rig.restart();
    rig.act(count(46), second);
    expect(resultOf(rig)).toMatchObject({ result: 'recount' });
    expect(quantityOf(rig, bulkItem)).toBe(48);
    rig.act(count(50), second);
    expect(resultOf(rig)).toMatchObject({ result: 'tolerated' });
    rig.take({ type: 'tick' }, 31 * 24 * 3_600_000);
    rig.act(count(48));
    expect(resultOf(rig)).toMatchObject({ result: 'tolerated' });
  });

  test.each([[false], [true]])('compares first what was told apart by status (%s)', (isTurned) => {
    const rig = stocked();
    const goods = { item: bulkItem, quantity: 20 };
    rig.act({ type: 'hold', zone: 'storage', reason: 'quality', what: { goods } });
    const lines = [
      { item: bulkItem, quantity: 30 },
      { item: bulkItem, quantity: 20, status: 'quality-hold' as const },
      { item: lotItem, quantity: 20, lot: 'L1' },
    ];
    const all = isTurned ? lines.reverse() : lines;
    rig.act({ type: 'count', zone: 'storage', found: all });
    expect(resultOf(rig)).toMatchObject({
      result: 'agrees',
      lines: [
        { booked: 20, counted: 20, item: lotItem },
        { booked: 30, counted: 30, status: 'available' },
        { booked: 20, counted: 20, status: 'quality-hold' },
      ],
    });
  });

  test('tolerates goods in all their statuses together', () => {
    const rig = stocked();
    const what = { goods: { item: bulkItem, quantity: 20 } };
    rig.act({ type: 'hold', zone: 'storage', what, reason: 'quality' });
    const parts = [
      { item: bulkItem, quantity: 28, status: 'available' as const },
      { item: bulkItem, quantity: 18, status: 'quality-hold' as const },
    ];
    rig.act({ type: 'count', zone: 'storage', items: [bulkItem], found: parts });
    expect(resultOf(rig)).toMatchObject({ result: 'recount' });
  });

  test('beyond it asks for a recount, and adjusts only what another person finds alike', () => {
    const rig = stocked();
    const { act } = rig.act(count(40));
    expect(resultOf(rig)).toMatchObject({ result: 'recount' });
    expect(quantityOf(rig, bulkItem)).toBe(50);
    expect(rig.stock.tasks()).toMatchObject([{ task: 'recount', act: act.id, item: bulkItem }]);
    const again = { ...count(40), recountOf: act.id };
    expect(rig.act(again).outcome).toMatchObject({ code: 'same-person' });
    rig.restart();
    rig.act(again, second);
    expect(resultOf(rig)).toMatchObject({ result: 'confirmed', recountOf: act.id });
    expect(quantityOf(rig, bulkItem)).toBe(40);
    expect(rig.stock.tasks()).toEqual([]);
  });

  test('is compared by its variance, so that goods may move between count and recount', () => {
    const rig = stocked();
    const { act } = rig.act(count(40));
    const goods = { item: bulkItem, quantity: 15 };
    rig.act({ type: 'move', zone: 'storage', toZone: 'shipping', what: { goods } });
    rig.act({ ...count(25), recountOf: act.id }, second);
    expect(resultOf(rig)).toMatchObject({ result: 'confirmed' });
    expect(rig.stock.rows({ item: bulkItem, zone: 'storage' }, 1)).toMatchObject([
      { quantity: 25 },
    ]);
  });

  test('that a recount does not confirm is counted again', () => {
    const rig = stocked();
    const { act } = rig.act(count(40));
    rig.act({ ...count(44), recountOf: act.id }, second);
    expect(resultOf(rig)).toMatchObject({ result: 'recount' });
    expect(rig.stock.tasks()).toHaveLength(1);
    expect(rig.act({ ...count(44), recountOf: act.id }, second).outcome).toMatchObject({
      code: 'unknown-count',
    });
  });

  test('beyond the limits of who recounted needs approval', () => {
    const rig = stocked();
    const { act } = rig.act(count(40));
    rig.act({ ...count(40), recountOf: act.id }, { ...second, limitPerEntry: 9 });
    expect(resultOf(rig)).toMatchObject({ result: 'review' });
    expect(quantityOf(rig, bulkItem)).toBe(50);
    const [task] = rig.stock.tasks();
    expect(task).toMatchObject({ task: 'approve-variance' });
    const adjust = { type: 'adjust', zone: 'storage', item: bulkItem, quantity: -10 } as const;
    rig.act({ ...adjust, reason: 'count', task: task?.id ?? 't0-0' });
    expect(quantityOf(rig, bulkItem)).toBe(40);
    expect(rig.stock.tasks()).toEqual([]);
  });

  test('takes what was not found for missing, in the whole zone or of the named items', () => {
    const rig = stocked();
    const milk = [{ item: lotItem, quantity: 20, lot: 'L1' }];
    rig.act({ type: 'count', zone: 'storage', found: milk, items: [lotItem] });
    expect(resultOf(rig)).toMatchObject({ result: 'agrees' });
    rig.act({ type: 'count', zone: 'storage', found: milk });
    expect(resultOf(rig)).toMatchObject({
      result: 'recount',
      lines: [{}, { item: bulkItem, booked: 50, counted: 0 }],
    });
  });

  test('of serials or of a unit is never adjusted by a figure', () => {
    const rig = new StockRig();
    const goods = { item: gtin, quantity: 1, serials: [serial(1)] };
    rig.act({ type: 'receive', zone: 'storage', what: { goods } });
    const none = { type: 'count' as const, zone: 'storage', found: [] };
    const { act } = rig.act(none);
    rig.act({ ...none, recountOf: act.id }, second);
    expect(resultOf(rig)).toMatchObject({ result: 'review' });
    expect(quantityOf(rig, gtin)).toBe(1);
  });

  test('by unit is compared unit by unit', () => {
    const rig = stocked();
    const goods = [{ item: bulkItem, quantity: 30 }];
    rig.act({ type: 'pack', zone: 'storage', parent: pallet, goods });
    const both = [
      { item: bulkItem, quantity: 20 },
      { item: bulkItem, quantity: 30, handlingUnit: pallet },
    ];
    rig.act({ type: 'count', zone: 'storage', found: both, items: [bulkItem] });
    expect(resultOf(rig)).toMatchObject({ result: 'agrees', lines: [{}, {}] });
    rig.act({
      type: 'count',
      zone: 'storage',
      found: [{ item: bulkItem, quantity: 50 }],
      items: [bulkItem],
    });
    expect(resultOf(rig)).toMatchObject({ result: 'agrees', lines: [{ booked: 50 }] });
  });

  test('that asks for a recount takes the place of what earlier ones of the same goods asked for', () => {
    const rig = stocked();
    const screws = (quantity: number): Extract<Asked, { type: 'count' }> => ({
      type: 'count',
      zone: 'storage',
      items: [bulkItem],
      found: [{ item: bulkItem, quantity }],
    });
    rig.act(screws(40));
    const milk = [{ item: lotItem, quantity: 9, lot: 'L1' }];
    rig.act({ type: 'count', zone: 'storage', items: [lotItem], found: milk });
    const { drafts } = rig.act(screws(41));
    expect(drafts.map(({ kind }) => kind)).toEqual(['stock.counted', 'task.closed', 'task.opened']);
    expect(drafts[1]?.payload).toMatchObject({ outcome: 'superseded' });
    expect(rig.stock.tasks().map(({ item }) => item)).toEqual([lotItem, bulkItem]);
    rig.act(count(39, 12));
    expect(rig.stock.tasks()).toMatchObject([{ task: 'recount', zone: 'storage' }]);
    rig.act({ type: 'count', zone: 'receiving', found: found(9, 0) });
    expect(rig.stock.tasks().map(({ zone }) => zone)).toEqual(['storage', 'receiving']);
  });
});
