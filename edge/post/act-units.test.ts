import { describe, expect, test } from 'vitest';
import {
  asn,
  bulkItem,
  gtin,
  kindsOf,
  linesOf,
  lotItem,
  pallet,
  serial,
  StockRig,
} from './testing/stock-rig.ts';

const box = (name: string) => `lpn:${name}`;
const refusal = (code: string) => ({ type: 'refused', code });

/** A mixed pallet: a case of serials and loose screws, and milk straight on it. */
function mixed(): StockRig {
  const rig = new StockRig();
  const receive = { type: 'receive', zone: 'storage' } as const;
  rig.act({ ...receive, what: { goods: { item: bulkItem, quantity: 30 } } });
  rig.act({ ...receive, what: { goods: { item: lotItem, lot: 'L1', quantity: 6 } } });
  const serials = [serial(1), serial(2), serial(3)];
  rig.act({ ...receive, what: { goods: { item: gtin, quantity: 3, serials } } });
  const pack = { type: 'pack', zone: 'storage' } as const;
  rig.act({ ...pack, parent: box('A'), serials, goods: [{ item: bulkItem, quantity: 10 }] });
  rig.act({
    ...pack,
    parent: pallet,
    units: [box('A')],
    goods: [{ item: lotItem, quantity: 6, lot: 'L1' }],
  });
  return rig;
}

const rows = (rig: StockRig) =>
  rig.stock
    .rows({}, 100)
    .map((row) => `${row.zone} ${row.handlingUnit ?? 'loose'} ${row.item} ${row.quantity}`);

describe('packing', () => {
  test('builds nested, mixed units, and stock stands under the outermost', () => {
    const rig = mixed();
    expect(rig.stock.unit(pallet)).toMatchObject({
      state: 'here',
      zone: 'storage',
      goods: [{ item: lotItem, quantity: 6 }],
      units: [{ unit: box('A'), serials: [serial(1), serial(2), serial(3)] }],
    });
    expect(rows(rig)).toEqual([
      `storage ${pallet} 80614141123458 3`,
      `storage ${pallet} milk-1l 6`,
      'storage loose screw-m4 20',
      `storage ${pallet} screw-m4 10`,
    ]);
  });

  test('refuses circles, units elsewhere and what is not there', () => {
    const rig = mixed();
    const pack = { type: 'pack', zone: 'storage', parent: box('A') } as const;
    const outcomes = [
      rig.act({ ...pack, units: [pallet] }),
      rig.act({ ...pack, units: [box('A')] }),
      rig.act({ ...pack, units: [box('none')] }),
      rig.act({ ...pack, zone: 'receiving', goods: [{ item: bulkItem, quantity: 1 }] }),
      rig.act({ ...pack, goods: [{ item: bulkItem, quantity: 21 }] }),
      rig.act({ ...pack, serials: [serial(9)] }),
      rig.act(pack),
      rig.act({ ...pack, serials: [serial(1)] }),
    ].map(({ outcome }) => (outcome.type === 'refused' ? outcome.code : outcome.type));
    expect(outcomes).toEqual([
      'containment-circle',
      'containment-circle',
      'unknown-unit',
      'unit-elsewhere',
      'beyond-balance',
      'serial-elsewhere',
      'nothing-to-do',
      'nothing-to-do',
    ]);
  });
});

describe('a packed unit', () => {
  test('is not moved to where it is, nor goods to the status they have', () => {
    const rig = mixed();
    const move = { type: 'move', zone: 'storage', toZone: 'storage' } as const;
    const screws = { goods: { item: bulkItem, quantity: 2 } };
    for (const what of [{ unit: pallet }, screws]) {
      const { outcome } = rig.act({ ...move, what, toStatus: 'available' });
      expect(outcome).toMatchObject(refusal('nothing-to-do'));
    }
    const { outcome } = rig.act({ ...move, what: { unit: pallet }, toStatus: 'quarantine' });
    expect(outcome).toEqual({ type: 'applied' });
  });

  test('moves with one posting by reference, whatever is in it', () => {
    const rig = mixed();
    const { drafts } = rig.act({
      type: 'move',
      zone: 'storage',
      toZone: 'shipping',
      what: { unit: pallet },
    });
    expect(drafts).toMatchObject([{ kind: 'stock.moved', handlingUnit: pallet }]);
    expect(drafts.flatMap(linesOf)).toHaveLength(6);
    expect(drafts.flatMap(linesOf).some(({ serials }) => serials !== undefined)).toBe(false);
    expect(rig.stock.find(serial(2), 1).serials).toMatchObject([
      { zone: 'shipping', unit: box('A') },
    ]);
  });

  test('lets a case of it go by itself', () => {
    const rig = mixed();
    const ship = { type: 'ship', zone: 'storage', what: { unit: box('A') } } as const;
    expect(kindsOf(rig.act(ship).drafts)).toEqual([
      'unit.unpacked',
      'stock.regrouped',
      'stock.shipped',
    ]);
    expect(rows(rig)).toEqual([`storage ${pallet} milk-1l 6`, 'storage loose screw-m4 20']);
  });

  test('gives up a single serial that is moved out of it', () => {
    const rig = mixed();
    const goods = { item: gtin, quantity: 1, serials: [serial(2)] };
    rig.act({ type: 'move', zone: 'storage', toZone: 'shipping', what: { goods } });
    expect(rig.stock.unit(box('A'))?.serials).toEqual([serial(1), serial(3)]);
    expect(rig.stock.rows({ item: gtin }, 9)).toMatchObject([
      { zone: 'shipping', quantity: 1 },
      { zone: 'storage', quantity: 2, handlingUnit: pallet },
    ]);
  });
});

test('an announced unit of which all came by itself is neither moved nor shipped: nothing would be said', () => {
  const rig = new StockRig();
  const serials = [serial(1), serial(2), serial(3)];
  rig.document(asn({ serials }));
  const goods = { item: gtin, quantity: 3, serials };
  rig.act({ type: 'receive', zone: 'storage', what: { goods } });
  const what = { unit: pallet };
  rig.act({ type: 'receive', zone: 'storage', what });
  const ask = { zone: 'storage', what } as const;
  const outcomes = [
    rig.act({ ...ask, type: 'move', toZone: 'shipping' }).outcome,
    rig.act({ ...ask, type: 'ship' }).outcome,
  ];
  expect(outcomes).toMatchObject([refusal('nothing-to-do'), refusal('nothing-to-do')]);
});

describe('unpacking', () => {
  test('with nothing named breaks the unit up: what was in it stands loose or in its own unit', () => {
    const rig = mixed();
    rig.act({ type: 'unpack', parent: pallet });
    expect(rig.stock.unit(pallet)).toBeUndefined();
    expect(rig.stock.unit(box('A'))).toMatchObject({ state: 'here', zone: 'storage' });
    const { drafts } = rig.act({ type: 'unpack', parent: box('A') });
    expect(drafts).toMatchObject([
      { kind: 'unit.unpacked', payload: { dissolved: true, serials: { length: 3 } } },
      { kind: 'stock.regrouped' },
    ]);
    expect(rig.stock.rows({ unit: pallet }, 9)).toEqual([]);
    expect(rows(rig)).toEqual([
      'storage loose 80614141123458 3',
      'storage loose milk-1l 6',
      'storage loose screw-m4 30',
    ]);
  });

  test('takes out only what is directly in the unit', () => {
    const rig = mixed();
    const unpack = { type: 'unpack', parent: pallet } as const;
    expect(rig.act({ ...unpack, serials: [serial(1)] }).outcome).toMatchObject(
      refusal('not-in-unit'),
    );
    expect(rig.act({ ...unpack, goods: [{ item: bulkItem, quantity: 1 }] }).outcome).toMatchObject(
      refusal('not-in-unit'),
    );
    expect(rig.act({ ...unpack, units: [box('none')] }).outcome).toMatchObject(
      refusal('not-in-unit'),
    );
    const goods = [{ item: lotItem, quantity: 2, lot: 'L1' }];
    expect(rig.act({ ...unpack, goods }).outcome).toEqual({ type: 'applied' });
    expect(rig.stock.rows({ item: lotItem }, 9)).toMatchObject([{ quantity: 2 }, { quantity: 4 }]);
  });

  test('keeps a hold on what was held in the unit', () => {
    const rig = mixed();
    rig.act({ type: 'hold', zone: 'storage', what: { unit: box('A') }, reason: 'recall' });
    rig.act({ type: 'unpack', parent: pallet });
    rig.act({ type: 'unpack', parent: box('A') });
    expect(rig.stock.rows({ item: gtin }, 9)).toMatchObject([{ status: 'quality-hold' }]);
  });
});
