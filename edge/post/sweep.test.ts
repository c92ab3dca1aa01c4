import { describe, expect, test } from 'vitest';
import { impinjBody } from '../observe/testing/test-site.ts';
import { asn, gtin, pallet, palletTag, serial, StockRig } from './testing/stock-rig.ts';

const loose = [serial(1), serial(2), serial(3)];
const packed = [serial(11), serial(12), serial(13), serial(14), serial(15)];

function stocked(): StockRig {
  const rig = new StockRig();
  const goods = { item: gtin, quantity: 3, serials: loose };
  rig.act({ type: 'receive', zone: 'storage', what: { goods } });
  rig.document(asn({ serials: packed }));
  rig.act({ type: 'receive', zone: 'storage', what: { unit: pallet } });
  return rig;
}

const sweepOf = (rig: StockRig, epcs?: readonly string[]) => {
  const of = epcs === undefined ? {} : { epcs: [...epcs] };
  return rig.act({ type: 'sweep', zone: 'storage', ...of }).drafts;
};

describe('an RFID sweep of a zone', () => {
  test('agrees when all is read or inferred', () => {
    const drafts = sweepOf(stocked(), [...loose, ...packed.slice(0, 3)]);
    expect(drafts).toMatchObject([
      {
        kind: 'stock.swept',
        payload: {
          booked: 8,
          seen: 6,
          inferred: 2,
          missing: [],
          unexpected: [],
          part: 1,
          parts: 1,
        },
      },
    ]);
  });

  test('lists what is missing and what is there unexpectedly, and opens a task', () => {
    const rig = stocked();
    const goods = { item: gtin, quantity: 1, serials: [serial(20)] };
    rig.act({ type: 'receive', zone: 'shipping', what: { goods } });
    const read = [serial(1), palletTag, serial(20), serial(21), 'E2801160600002084C0F1234'];
    const drafts = sweepOf(rig, read);
    expect(drafts).toMatchObject([
      {
        payload: {
          booked: 8,
          inferred: 5,
          missing: [serial(2), serial(3)],
          seen: 1,
          unexpected: [{ bookedZone: 'shipping', epc: serial(20) }, { epc: serial(21) }],
          unknown: 1,
        },
      },
      { kind: 'task.opened', payload: { reason: '2 missing, 2 unexpected' } },
    ]);
  });

  test('answers what an earlier sweep of the zone asked, or asks it anew, once', () => {
    const rig = stocked();
    const all = [...loose, ...packed];
    sweepOf(rig, all.slice(1));
    sweepOf(rig, all.slice(2));
    expect(rig.stock.tasks()).toMatchObject([{ reason: '2 missing, 0 unexpected' }]);
    rig.act({ type: 'sweep', zone: 'shipping', epcs: [serial(30)] });
    expect(sweepOf(rig, all)).toMatchObject([
      { kind: 'stock.swept' },
      { kind: 'task.closed', payload: { outcome: 'superseded' } },
    ]);
    expect(rig.stock.tasks()).toMatchObject([{ zone: 'shipping' }]);
  });

  test('infers nothing of a unit that was hardly seen', () => {
    const drafts = sweepOf(stocked(), [...loose, ...packed.slice(0, 2)]);
    expect(drafts).toMatchObject([{ payload: { inferred: 0, missing: { length: 3 } } }, {}]);
  });

  test('takes what the fixed readers have present where nothing was brought along', () => {
    const rig = stocked();
    for (const epc of [...loose, ...loose]) rig.take(impinjBody({ epc, antenna: 1 }), 10);
    expect(sweepOf(rig)).toMatchObject([{ payload: { seen: 3 } }, {}]);
  });

  test('lists any number of EPCs, so many in each event', () => {
    const rig = new StockRig();
    const many = Array.from({ length: 4100 }, (_, index) => serial(index + 1));
    const parts = sweepOf(rig, many).filter(({ kind }) => kind === 'stock.swept');
    expect(parts.map(({ payload }) => payload)).toMatchObject([
      { part: 1, parts: 3, unexpected: { length: 2000 } },
      { part: 2, parts: 3, unexpected: { length: 2000 } },
      { part: 3, parts: 3, unexpected: { length: 100 } },
    ]);
  });
});
