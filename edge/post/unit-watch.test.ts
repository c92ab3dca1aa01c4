import { describe, expect, test } from 'vitest';
import { impinjBody, zebraBody } from '../observe/testing/test-site.ts';
import { asn, gtin, kindsOf, pallet, palletTag, serial, StockRig } from './testing/stock-rig.ts';

const all = Array.from({ length: 48 }, (_, index) => serial(index + 1));

function announced(): StockRig {
  const rig = new StockRig();
  rig.document(asn({ serials: all }));
  return rig;
}

const payloadOf = (rig: StockRig, kind: string) =>
  rig.drafts.filter((draft) => draft.kind === kind).map(({ payload }) => payload);

describe('a handling unit at a dock door', () => {
  test('is received whole when 45 of its 48 things are seen, the rest inferred', () => {
    const rig = announced();
    rig.pass(all.slice(0, 45), 'in');
    rig.wait(20_000);
    expect(payloadOf(rig, 'stock.received')).toMatchObject([
      {
        evidence: { agreed: ['portal:dock-1', `unit:${pallet}`, 'document:ASN-7'] },
        inferred: { of: 48, seen: 45 },
        unit: pallet,
        lines: [
          { account: { type: 'supplier' }, handlingUnit: pallet, item: gtin, quantity: -48 },
          { account: { zone: 'receiving', status: 'receiving' }, quantity: 48 },
        ],
      },
    ]);
    expect(payloadOf(rig, 'unit.observed')).toMatchObject([
      { seen: 45, of: 48, trusted: true, portal: 'dock-1', direction: 'in' },
    ]);
    expect(rig.stock.unit(pallet)).toMatchObject({ state: 'here', zone: 'receiving' });
    expect(rig.stock.document('ASN-7')).toMatchObject({ seen: 48, state: 'closed' });
    expect(rig.stock.find(all[47] ?? '', 9).serials).toMatchObject([
      { zone: 'receiving', unit: pallet },
    ]);
  });

  test('is received at once by its own tag', () => {
    const rig = announced();
    rig.pass([palletTag], 'in');
    rig.wait(4000);
    expect(payloadOf(rig, 'stock.received')).toHaveLength(1);
  });

  test('is received on thin reads of its tag too, when quiet, since a document expects it', () => {
    const rig = announced();
    rig.pass([palletTag], 'in', 1);
    expect(payloadOf(rig, 'stock.received')).toEqual([]);
    rig.wait(20_000);
    expect(payloadOf(rig, 'stock.received')).toHaveLength(1);
  });

  test('opens a question where too few of it are seen, and posts nothing', () => {
    const rig = announced();
    rig.pass(all.slice(0, 9), 'in');
    rig.wait(20_000);
    expect(payloadOf(rig, 'stock.received')).toEqual([]);
    expect(rig.stock.tasks()).toMatchObject([
      { task: 'verify-movement', unit: pallet, reason: '9 of 48 seen' },
    ]);
  });

  test('ships with one posting by reference, and a late straggler posts nothing', () => {
    const rig = announced();
    rig.pass([palletTag], 'in');
    rig.wait(20_000);
    rig.pass(all.slice(3), 'out');
    rig.wait(20_000);
    rig.pass(all.slice(0, 3), 'out');
    rig.wait(20_000);
    expect(payloadOf(rig, 'stock.shipped')).toMatchObject([
      {
        unit: pallet,
        inferred: { of: 48, seen: 45 },
        lines: [{ quantity: -48 }, { quantity: 48 }],
      },
    ]);
    expect(rig.stock.rows({}, 10)).toEqual([]);
  });

  test('is asked about once when few of its things are seen elsewhere', () => {
    const rig = announced();
    rig.pass([palletTag], 'in');
    rig.wait(20_000);
    rig.drafts.length = 0;
    rig.pass(all.slice(0, 2), 'out');
    rig.wait(20_000);
    expect(payloadOf(rig, 'stock.shipped')).toEqual([]);
    expect(kindsOf(rig.drafts)).toContain('task.opened');
  });

  test('comes to the same after a crash in the middle of its pass', () => {
    const rig = announced();
    rig.pass(all.slice(0, 30), 'in');
    rig.restart();
    rig.pass(all.slice(30, 45), 'in');
    rig.restart();
    rig.wait(20_000);
    expect(payloadOf(rig, 'stock.received')).toMatchObject([{ inferred: { of: 48, seen: 45 } }]);
  });
});

describe('a handling unit that no door told of', () => {
  const tagInReceiving = (rig: StockRig, number: number) =>
    rig.take(zebraBody({ epc: palletTag, antenna: 3, reads: 6, number, atMs: rig.nowMs }));
  const inShipping = (rig: StockRig, epc: string) =>
    rig.take(impinjBody({ epc, antenna: 2, atMs: rig.nowMs }), 20);

  test('is received where the things on it are, not where its tag was heard first', () => {
    const rig = announced();
    for (const number of [1, 2, 3]) tagInReceiving(rig, number);
    expect(payloadOf(rig, 'stock.received')).toEqual([]);
    for (const epc of [...all, ...all]) inShipping(rig, epc);
    rig.wait(20_000);
    expect(payloadOf(rig, 'stock.received')).toMatchObject([
      { evidence: { agreed: ['presence:shipping', `unit:${pallet}`, 'document:ASN-7'] } },
    ]);
    expect(payloadOf(rig, 'stock.moved')).toEqual([]);
    expect(rig.stock.unit(pallet)).toMatchObject({ state: 'here', zone: 'shipping' });
  });

  test('is received by its tag alone, once nothing more is seen of it', () => {
    const rig = announced();
    for (const number of [1, 2, 3]) tagInReceiving(rig, number);
    rig.wait(20_000);
    expect(payloadOf(rig, 'stock.received')).toMatchObject([
      { evidence: { agreed: ['presence:receiving', `unit:${pallet}`, 'document:ASN-7'] } },
    ]);
  });
});
