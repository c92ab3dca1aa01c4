import { describe, expect, test } from 'vitest';
import { isPostingKind } from '#contracts/event-kinds.ts';
import type { BookRows } from '#contracts/site-book.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import * as rigs from '../post/testing/stock-rig.ts';
import { kindsOf, StockRig } from '../post/testing/stock-rig.ts';

const of = { owner: 'own', status: 'available', zone: 'storage' } as const;
const rows: readonly BookRows[] = [
  {
    accounts: [
      { ...of, item: rigs.bulkItem, quantity: 9 },
      { ...of, item: rigs.gtin, quantity: 2 },
      { ...of, item: rigs.gtin, quantity: 1, unit: 'lpn:A' },
      { ...of, item: rigs.lotItem, lot: 'L1', quantity: -3, zone: 'closed-zone' },
    ],
    serials: [
      { ...of, item: rigs.gtin, epc: rigs.serial(1) },
      { ...of, item: rigs.gtin, epc: rigs.serial(2) },
      // Named at its receipt, and not followed since.
      { ...of, item: rigs.bulkItem, epc: rigs.serial(7) },
    ],
    tasks: [],
    units: [],
  },
  {
    accounts: [],
    serials: [],
    tasks: [
      { reason: 'unknown-epc', task: 'identify', zone: 'storage' },
      { act: 'act-00000001', reason: 'one account differs', task: 'recount', zone: 'storage' },
    ],
    units: [
      {
        goods: [{ item: rigs.gtin, owner: 'own', quantity: 1 }],
        serials: [{ epc: rigs.serial(3) }],
        unit: 'lpn:A',
        zone: 'storage',
      },
    ],
  },
];
const origin = {
  parent: { hash: 'a'.repeat(64), ordinal: 1, seq: 40 },
  uncertainFromMs: Date.UTC(2026, 10, 22, 8),
  uncertainToMs: Date.UTC(2026, 10, 22, 11),
  book: 'b'.repeat(64),
};
const parts = rows.map((part, index): IntakeBody => {
  const body = { type: 'book-restored' as const, part: index + 1, parts: 2, rows: part };
  return index === 1 ? { ...body, origin } : body;
});

function restored(restartsBefore: number): StockRig {
  const rig = new StockRig();
  parts.forEach((part, index) => {
    if (index === restartsBefore) rig.restart();
    rig.take(part);
  });
  if (restartsBefore === parts.length) rig.restart();
  return rig;
}

describe('a restored book', () => {
  test('is said once, before what is left to do, and posts nothing', () => {
    const { drafts } = restored(-1);
    expect(drafts.filter(({ kind }) => isPostingKind(kind))).toEqual([]);
    const said = drafts.slice(drafts.findIndex(({ kind }) => kind === 'gateway.book-restored'));
    expect(said[0]?.payload).toMatchObject({
      accounts: 4,
      parent: origin.parent,
      recounts: 4,
      serials: 4,
      tasks: 1,
      units: 1,
    });
    const opened = said.slice(1).map(({ payload }) => payload as { task: string; zone: string });
    expect(opened.map(({ task, zone }) => [task, zone])).toEqual([
      ['identify', 'storage'],
      ['recount', 'closed-zone'],
      ['recount', 'receiving'],
      ['recount', 'shipping'],
      ['recount', 'storage'],
    ]);
  });

  test('is the same, to the byte, wherever the first start is interrupted', () => {
    const [whole, ...others] = [-1, 0, 1, 2].map(restored);
    for (const other of others) {
      expect(other.drafts).toEqual(whole?.drafts);
      expect(other.stock.rows({}, 100)).toEqual(whole?.stock.rows({}, 100));
      expect(other.stock.unit('lpn:A')).toEqual(whole?.stock.unit('lpn:A'));
      expect(other.stock.tasks()).toEqual(whole?.stock.tasks());
    }
  });

  test('is worked with like one that grew here', () => {
    const rig = restored(-1);
    const found = (n: number) => rig.stock.find(rigs.serial(n), 1).serials[0];
    expect([1, 3, 7].map((n) => [found(n)?.zone, found(n)?.unit])).toEqual([
      ['storage', undefined],
      ['storage', 'lpn:A'],
      [undefined, undefined],
    ]);
    const what = { unit: 'lpn:A' };
    const moved = rig.act({ type: 'move', what, zone: 'storage', toZone: 'shipping' });
    expect(moved.outcome).toEqual({ type: 'applied' });
    const recount = rig.stock
      .tasks()
      .find(({ task, zone }) => task === 'recount' && zone === 'storage');
    const counted = rig.act({
      type: 'count',
      zone: 'storage',
      items: [rigs.bulkItem],
      found: [{ item: rigs.bulkItem, quantity: 8 }],
      ...(recount && { task: recount.id }),
    });
    expect(kindsOf(counted.drafts)).toEqual(['stock.counted', 'stock.adjusted', 'task.closed']);
  });
});
