import { describe, expect, test } from 'vitest';
import { stockRow } from '../../testing/floor-fixture.ts';
import type { GoodsSubject } from '../scan/subject.ts';
import {
  isEmpty,
  noPacking,
  packBody,
  unpackBody,
  withGoods,
  withQuantity,
  withUnit,
} from './packing.ts';
import { goodsOf, goodsWords, notAdded, pick, pickMore } from './picked-goods.ts';

const code = (rest: Partial<GoodsSubject> = {}): GoodsSubject => ({
  type: 'goods',
  item: '22423',
  lot: undefined,
  epc: undefined,
  serial: undefined,
  count: undefined,
  tracking: null,
  rows: [],
  ...rest,
});

describe('goods that are scanned together', () => {
  test('say nothing of how many until somebody does', () => {
    expect(pick(code()).quantity).toBeUndefined();
    expect(goodsWords(pick(code()))).toBe('22423');
    expect(pick(code({ count: 12 })).quantity).toBe(12);
  });

  test('add up by scanning again', () => {
    const twice = pickMore(pickMore(pick(code({ count: 1 })), code()), code({ count: 10 }));
    expect(twice.quantity).toBe(12);
    expect(pickMore(twice, code({ item: '84879' }))).toEqual(pick(code({ item: '84879' })));
    expect(pickMore(pick(code({ lot: 'A' })), code({ lot: 'B', count: 1 })).lot).toBe('B');
  });

  test('take a lot from a later scan, and each serial number once', () => {
    expect(pickMore(pick(code()), code({ lot: 'A' })).lot).toBe('A');
    const one = pick(code({ epc: 'E1' }));
    const two = pickMore(pickMore(one, code({ epc: 'E1' })), code({ epc: 'E2' }));
    expect(two).toMatchObject({ quantity: 2, serials: ['E1', 'E2'] });
    expect(pickMore(two, code()).quantity).toBe(2);
  });

  test('become the goods of an act, out of the account that was chosen', () => {
    const row = stockRow('storage', { handlingUnit: 'lpn:A1' });
    expect(goodsOf({ ...pick(code()), quantity: 3 }, row)).toEqual({
      item: '22423',
      lot: 'L881',
      owner: 'own',
      handlingUnit: 'lpn:A1',
      quantity: 3,
    });
    expect(goodsOf({ ...pick(code()), quantity: 3 })).toEqual({ item: '22423', quantity: 3 });
  });
});

describe('packing', () => {
  const mixed = withUnit(
    withGoods(withGoods(withGoods(noPacking, code()), code()), code({ item: 'S', epc: 'E1' })),
    'lpn:A1',
  );

  test('names goods by count, single things by serial number, and units', () => {
    expect(packBody('lpn:P', 'dock-1', withUnit(mixed, 'lpn:A1'))).toEqual({
      type: 'pack',
      parent: 'lpn:P',
      zone: 'dock-1',
      goods: [{ item: '22423', quantity: 2 }],
      serials: ['E1'],
      units: ['lpn:A1'],
    });
  });

  test('takes everything out where nothing is named', () => {
    expect(isEmpty(noPacking)).toBe(true);
    expect(unpackBody('lpn:P', noPacking)).toEqual({ type: 'unpack', parent: 'lpn:P' });
  });

  test('follows what a person says of how many', () => {
    const said = withQuantity(mixed, 0, 40);
    expect(unpackBody('lpn:P', said)).toMatchObject({ goods: [{ item: '22423', quantity: 40 }] });
  });
});

test('a label that adds no thing to those taken one by one says so, and never passes in silence', () => {
  const one = pick(code({ epc: '30AA' }));
  expect(notAdded(code({ epc: '30BB' }), true, one)).toBeUndefined();
  expect(notAdded(code({ serial: '7002' }), true, undefined)).toBe(
    'No tag is known for serial 7002 of 22423: read its tag',
  );
  expect(notAdded(code({ serial: '7002' }), false, one)).toContain('serial 7002');
  expect(notAdded(code(), true, one)).toBe(
    'This label of 22423 has no serial number: scan one that does',
  );
  // It says which item is meant, or counts goods that have no serial numbers.
  expect(notAdded(code(), true, undefined)).toBeUndefined();
  expect(notAdded(code({ serial: '7002' }), false, undefined)).toBeUndefined();
});
