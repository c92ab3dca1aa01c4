import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isPostingKind } from '#contracts/event-kinds.ts';
import { scanDigest } from '#contracts/remembered.ts';
import type { BookRows } from '#contracts/site-book.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { raw, startMs } from '../observe/testing/test-site.ts';
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

const sha256Hex = (text: string) => hash('sha256', text);
const scan = (id: string, code: string) => raw('gun-1', 'scans', JSON.stringify({ id, code }));
const remembered = {
  accounts: [{ ...of, item: rigs.bulkItem, quantity: 9 }],
  acts: [
    {
      act: 'act-old-1',
      actedAt: startMs - 5000,
      outcome: 'applied',
      person: 'p-1',
      receivedAt: startMs - 4000,
      type: 'receive',
    },
  ],
  revocations: [],
  scans: [{ code: scanDigest('ABC', sha256Hex), device: 'gun-1', scan: 'scan-0001' }],
  serials: [],
  tasks: [],
  units: [],
  uses: [
    { item: rigs.bulkItem, person: 'p-1', receivedAt: startMs - 500, units: 150 },
    { item: rigs.bulkItem, person: 'p-1', receivedAt: startMs - 5000, units: 40 },
    { item: rigs.bulkItem, person: 'p-2', receivedAt: startMs - 500, units: 190 },
  ],
} satisfies BookRows;

describe('what the box before had taken', () => {
  const rigWith = (rows: BookRows, restarts: boolean): StockRig => {
    const gun = { id: 'gun-1', profile: 'http-scanner', zone: 'storage' } as const;
    const devices = [...rigs.stockSite.devices, { ...gun, buffers: true, silentAfterMs: 60_000 }];
    const rig = new StockRig({ ...rigs.stockSite, devices });
    rig.take({ type: 'book-restored', part: 1, parts: 1, rows, origin });
    if (restarts) rig.restart();
    return rig;
  };
  const rigOf = (restarts: boolean) => rigWith(remembered, restarts);

  test.each([false, true])(
    'is not done again when it is sent again (restarted: %s)',
    (restarts) => {
      const rig = rigOf(restarts);
      const what = { goods: { item: rigs.bulkItem, quantity: 9 } };
      const act = {
        type: 'receive',
        id: 'act-old-1',
        person: 'p-1',
        zone: 'storage',
        what,
      } as const;
      const { outcome, drafts } = rig.send(act, rigs.fullLease);
      expect(outcome).toMatchObject({ type: 'repeated', of: 'applied' });
      expect(drafts).toEqual([]);
      expect(rig.stock.rows({ item: rigs.bulkItem }, 9).map(({ quantity }) => quantity)).toEqual([
        9,
      ]);
      expect(kindsOf(rig.take(scan('scan-0001', 'ABC')))).not.toContain('scan.read');
      expect(kindsOf(rig.take(scan('scan-0002', 'ABC')))).toContain('scan.read');
    },
  );

  test.each([false, true])('is off the limits of the lease then (restarted: %s)', (restarts) => {
    const rig = rigOf(restarts);
    expect(rig.stock.leaseUse(rigs.fullLease)).toEqual({ units: 150, valueMinor: 750 });
    const adjust = {
      type: 'adjust',
      item: rigs.bulkItem,
      reason: 'found',
      zone: 'storage',
    } as const;
    expect(rig.act({ ...adjust, quantity: 51 }).outcome).toMatchObject({
      code: 'limit-cumulative',
    });
    expect(rig.act({ ...adjust, quantity: 50 }).outcome).toEqual({ type: 'applied' });
    const later = { ...rigs.fullLease, id: 'lease-2', validFromMs: rig.nowMs };
    expect(rig.act({ ...adjust, quantity: 100 }, later).outcome).toEqual({ type: 'applied' });
  });

  test('is reviewed when its author turns out to have had no rights, once', () => {
    const rig = rigOf(false);
    const told = { type: 'revocation', person: 'p-1', revokedAtMs: startMs - 6000 } as const;
    expect(rig.take(told)).toMatchObject([
      { kind: 'person.revoked' },
      { kind: 'act.flagged', payload: { act: 'act-old-1' } },
      { kind: 'task.opened' },
    ]);
    const revocations = [{ person: 'p-1', revokedAt: startMs - 6000 }];
    expect(rigWith({ ...remembered, revocations }, false).take(told)).toEqual([]);
  });

  test('is counted, and what nobody knows is part of every recount', () => {
    const { drafts } = rigOf(false);
    const said = drafts.find(({ kind }) => kind === 'gateway.book-restored');
    expect(said?.payload).toMatchObject({ acts: 1, scans: 1 });
    const task = drafts.find(({ kind }) => kind === 'task.opened');
    const { reason } = (task?.payload ?? {}) as { reason?: string };
    expect(reason).toMatch(/^the box was replaced: unknown .*, with acts and scans of then$/);
  });
});

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
