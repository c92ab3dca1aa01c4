import { describe, expect, test } from 'vitest';
import {
  floorDocuments,
  floorSite,
  pallet,
  serialEpc,
  stockRow,
} from '../../testing/floor-fixture.ts';
import { floorFound } from '../../testing/floor-fixture-find.ts';
import { subjectOf, zoneOf } from './subject.ts';

const of = (text: string) => subjectOf(floorFound(text, 0), text, floorSite);

describe('what a code is about', () => {
  test('a zone by its label, in any case', () => {
    expect(zoneOf('zone:DOCK-2', floorSite)).toBe('dock-2');
    expect(zoneOf('nowhere', floorSite)).toBeUndefined();
    expect(zoneOf('dock-2', undefined)).toBeUndefined();
    expect(of('Storage')).toEqual({ type: 'zone', zone: 'storage' });
  });

  test('a unit before what is in it, known here or not', () => {
    expect(of(pallet)).toMatchObject({ type: 'unit', unit: pallet, known: { zone: 'dock-2' } });
    const unknown = { ...floorFound('x', 0), unit: 'lpn:NEW' };
    expect(subjectOf(unknown, 'x')).toEqual({ type: 'unit', unit: 'lpn:NEW', known: undefined });
  });

  test('one thing by its serial number, an item with its accounts, most first', () => {
    expect(of(serialEpc)).toMatchObject({ item: '04012345123456', epc: serialEpc });
    const found = {
      ...floorFound('22423', 0),
      rows: [
        stockRow('a', { quantity: 2 }),
        stockRow('b', { quantity: 9 }),
        stockRow('c', { quantity: 0 }),
      ],
    };
    const subject = subjectOf(found, '22423', floorSite);
    expect(subject).toMatchObject({ type: 'goods', lot: 'L881', tracking: 'lot' });
    expect(subject.type === 'goods' && subject.rows.map(({ zone }) => zone)).toEqual(['b', 'a']);
  });

  test('keeps accounts whose quantity is not shown', () => {
    const subject = subjectOf(floorFound('85123A', 0, true), '85123A', floorSite);
    expect(subject.type === 'goods' && subject.rows).toHaveLength(1);
  });

  test('a lot names its item only where it is that item’s alone', () => {
    const none = { ...floorFound('L881', 0), lot: 'L881' };
    const one = { ...none, rows: [stockRow('a')] };
    expect(subjectOf(one, 'L881')).toMatchObject({ type: 'goods', item: '22423', lot: 'L881' });
    const two = { ...none, rows: [stockRow('a'), stockRow('a', { item: '99' })] };
    expect(subjectOf(two, 'L881').type).toBe('unknown');
  });

  test('a document, or nothing that anybody knows', () => {
    expect(floorDocuments(0)[0]?.id).toBe('ASN-77120');
    expect(of('ASN-77120')).toEqual({ type: 'document', id: 'ASN-77120' });
    expect(of('X-404')).toEqual({ type: 'unknown', text: 'X-404' });
  });
});
