import { expect, test } from 'vitest';
import { itemRemedy, nameFaults, unitRemedy } from './goods-names.ts';

test.each([
  ['sscc:006141411234567890', undefined],
  ['sscc:006141411234567891', 'is 0, as in sscc:006141411234567890'],
  ['grai:0614141123452:7', undefined],
  ['grai:0614141123455:7A:9', 'is 2, as in grai:0614141123452:7A:9'],
  ['lpn:006141411234567891', undefined],
])('the check digit of %s is looked at: %s', (unit, remedy) => {
  if (remedy === undefined) expect(unitRemedy(unit)).toBeUndefined();
  else expect(unitRemedy(unit)).toContain(remedy);
});

test.each([
  ['04012345000009', undefined],
  ['4012345000009', '04012345000009'],
  ['614141123452', '00614141123452'],
  ['40123455', '00000040123455'],
  ['4012345000008', undefined],
  ['401234500000', undefined],
  ['milk-1l', undefined],
])('a GTIN is written in 14 digits: %s', (item, gtin) => {
  if (gtin === undefined) expect(itemRemedy(item)).toBeUndefined();
  else expect(itemRemedy(item)).toContain(`write ${gtin},`);
});

test('names are looked at wherever they stand, and known ones are left alone', () => {
  const act = {
    type: 'pack',
    parent: 'sscc:006141411234567891',
    units: ['lpn:A', 'sscc:006141411234567892'],
    goods: [{ item: '4012345000009', quantity: 1 }],
    items: ['4012345000009', '614141123452'],
    lot: '4012345000009',
  };
  const known = {
    isItem: (item: string) => item === '614141123452',
    isUnit: (unit: string) => unit.endsWith('2'),
  };
  expect(nameFaults(act, known).map(({ keys }) => keys.join('.'))).toEqual([
    'parent',
    'goods.0.item',
    'items.0',
  ]);
});
