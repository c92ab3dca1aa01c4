import { describe, expect, test } from 'vitest';
import {
  asn,
  bulkItem,
  fullLease,
  gtin,
  lotItem,
  pallet,
  serial,
  StockRig,
  stockSite,
  type Asked,
} from './testing/stock-rig.ts';

const goods = (item: string, quantity: number, more: object = {}) => ({
  goods: { item, quantity, ...more },
});
const second = { ...fullLease, id: 'lease-2', person: 'p-2' };
const operator = {
  ...fullLease,
  id: 'lease-3',
  person: 'p-3',
  may: fullLease.may.filter((type) => !['adjust', 'release', 'close'].includes(type)),
};

function stocked(): StockRig {
  const rig = new StockRig();
  rig.act({ type: 'receive', zone: 'storage', what: goods(bulkItem, 50) });
  rig.act({ type: 'receive', zone: 'storage', what: goods(lotItem, 20, { lot: 'L1' }) });
  return rig;
}

/** The id of the one task that is open. */
function onlyTask(rig: StockRig): string {
  const tasks = rig.stock.tasks();
  expect(tasks).toHaveLength(1);
  return tasks[0]?.id ?? '';
}

const count = (quantity: number): Extract<Asked, { type: 'count' }> => ({
  type: 'count',
  zone: 'storage',
  items: [bulkItem],
  found: [{ item: bulkItem, quantity }],
});

function codeOf(rig: StockRig, asked: Asked, lease = fullLease): string {
  const { outcome } = rig.act(asked, lease);
  return outcome.type === 'refused' ? outcome.code : outcome.type;
}

describe('a recount', () => {
  test('is closed by nothing but a count of that zone and item, by another person', () => {
    const rig = stocked();
    const { act } = rig.act(count(40));
    const task = onlyTask(rig);
    const found = [{ item: lotItem, lot: 'L1', quantity: 20 }];
    const tries: [Asked, typeof fullLease][] = [
      [{ type: 'receive', zone: 'storage', what: goods(bulkItem, 1), task }, second],
      [{ type: 'sweep', zone: 'storage', task }, second],
      [{ type: 'count', zone: 'receiving', found: [], task }, second],
      [{ type: 'count', zone: 'storage', items: [lotItem], found, task }, second],
      [{ ...count(50), task }, second],
    ];
    for (const [asked, lease] of tries) expect(codeOf(rig, asked, lease)).toBe('task-mismatch');
    const dismiss = { type: 'resolve', outcome: 'dismissed', task } as const;
    expect(codeOf(rig, dismiss)).toBe('task-not-yours');
    expect(onlyTask(rig)).toBe(task);
    expect(codeOf(rig, { ...count(40), recountOf: act.id, task }, second)).toBe('applied');
    expect(rig.stock.tasks()).toEqual([]);
  });

  test('may be dismissed by who counted where the site lets anyone recount', () => {
    const posting = { ...stockSite.posting, recountBy: 'anyone' as const };
    const rig = new StockRig({ ...stockSite, posting });
    rig.act({ type: 'receive', zone: 'storage', what: goods(bulkItem, 50) });
    rig.act(count(40));
    const task = onlyTask(rig);
    expect(codeOf(rig, { type: 'resolve', outcome: 'dismissed', task })).toBe('applied');
  });

  test('of a count that nobody remembers any more is a first count', () => {
    const rig = stocked();
    const { act } = rig.act(count(40));
    const task = onlyTask(rig);
    rig.take({ type: 'tick' }, 8 * 24 * 3_600_000);
    expect(codeOf(rig, { ...count(40), recountOf: act.id })).toBe('unknown-count');
    expect(codeOf(rig, { ...count(50), recountOf: act.id, task })).toBe('applied');
    expect(rig.stock.tasks()).toEqual([]);
  });
});

describe('an approval', () => {
  test('of a variance is given by who may adjust and did not count', () => {
    const rig = stocked();
    const { act } = rig.act(count(40));
    rig.act({ ...count(40), recountOf: act.id }, { ...second, limitPerEntry: 9 });
    const task = onlyTask(rig);
    const done = { type: 'resolve', outcome: 'done', task } as const;
    const adjust = { type: 'adjust', zone: 'storage', quantity: -10, reason: 'count' } as const;
    expect(codeOf(rig, done, second)).toBe('task-not-yours');
    expect(codeOf(rig, done, operator)).toBe('task-not-yours');
    expect(codeOf(rig, { ...adjust, item: lotItem, lot: 'L1', task })).toBe('task-mismatch');
    const elsewhere = { ...adjust, quantity: 1, zone: 'receiving', item: bulkItem, task } as const;
    expect(codeOf(rig, elsewhere)).toBe('task-mismatch');
    expect(codeOf(rig, { ...count(40), task })).toBe('task-mismatch');
    expect(codeOf(rig, { ...adjust, item: bulkItem, task })).toBe('applied');
    expect(rig.stock.tasks()).toEqual([]);
  });

  test('of an act that is reviewed is given by somebody else', () => {
    const rig = stocked();
    const what = goods(bulkItem, 5);
    const move = { type: 'move', zone: 'storage', toZone: 'shipping', what } as const;
    const act = { ...move, id: 'left-0001', person: 'p-9' };
    rig.take({ type: 'act', act, lease: null, broughtBy: 'p-3' });
    const task = onlyTask(rig);
    const author = { ...fullLease, id: 'lease-9', person: 'p-9' };
    expect(codeOf(rig, { ...move, task }, author)).toBe('task-not-yours');
    expect(codeOf(rig, { type: 'resolve', outcome: 'done', task }, operator)).toBe(
      'task-not-yours',
    );
    expect(codeOf(rig, { ...move, what: goods(lotItem, 5), task })).toBe('task-mismatch');
    expect(codeOf(rig, { ...move, task })).toBe('applied');
    expect(rig.stock.tasks()).toEqual([]);
  });
});

describe('a task that names nothing', () => {
  test('is settled by looking into it, and by no act on goods', () => {
    const rig = stocked();
    rig.take({ type: 'revocation', person: 'p-1', revokedAtMs: rig.nowMs });
    const task = onlyTask(rig);
    const what = goods(bulkItem, 1);
    const move = { type: 'move', zone: 'storage', toZone: 'shipping', what, task } as const;
    expect(codeOf(rig, move, second)).toBe('task-mismatch');
    expect(codeOf(rig, { type: 'resolve', outcome: 'done', task }, second)).toBe('applied');
  });
});

describe('a task about a thing', () => {
  test('is closed by what is done with that unit, and no other', () => {
    const rig = new StockRig();
    rig.document(asn({ serials: [1, 2, 3, 4, 5].map(serial) }));
    rig.pass([serial(1), serial(2)], 'in');
    rig.wait(8000);
    const task = rig.stock.tasks().find(({ unit }) => unit === pallet)?.id ?? '';
    const receive = { type: 'receive', zone: 'receiving', task } as const;
    expect(codeOf(rig, { ...receive, what: goods(bulkItem, 1) })).toBe('task-mismatch');
    expect(codeOf(rig, { ...receive, what: { unit: pallet } })).toBe('applied');
    expect(rig.stock.tasks().some(({ id }) => id === task)).toBe(false);
  });

  test('about a serial is closed by what is done with that serial', () => {
    const rig = new StockRig();
    rig.pass([serial(1)], 'in', 1);
    rig.wait(8000);
    rig.pass([serial(1)], 'out', 1);
    rig.wait(8000);
    const task = onlyTask(rig);
    const zone = rig.stock.rows({ item: gtin }, 1)[0]?.zone ?? '';
    const move = { type: 'move', zone, toZone: 'storage', status: 'unverified', task } as const;
    const other = { type: 'receive', zone, what: goods(gtin, 1, { serials: [serial(9)] }), task };
    expect(codeOf(rig, { ...other, type: 'receive' })).toBe('task-mismatch');
    expect(codeOf(rig, { ...move, what: goods(gtin, 1, { serials: [serial(1)] }) })).toBe(
      'applied',
    );
    expect(rig.stock.tasks()).toEqual([]);
  });

  test('that is no task is said by its id', () => {
    const rig = stocked();
    const asked = { type: 'resolve', outcome: 'done', task: 't9-9' } as const;
    expect(rig.act(asked).outcome).toMatchObject({ code: 'unknown-task', detail: 't9-9' });
  });
});
