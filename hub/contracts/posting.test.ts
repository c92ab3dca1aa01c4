import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountKey, checkBalanced, type PostingLine } from './posting.ts';

const dock = { type: 'zone', zone: 'dock-1', status: 'receiving' } as const;
const supplier = { type: 'supplier' } as const;
const line = (
  account: PostingLine['account'],
  quantity: number,
  item = '09506000134352',
): PostingLine => ({ account, owner: 'own', item, quantity });

describe('double entry', () => {
  test('accepts lines that sum to zero per owner and item', () => {
    expect(checkBalanced([line(dock, 3), line(supplier, -3)]).ok).toBe(true);
  });

  test.each([
    ['one line', [line(dock, 1)]],
    ['a sum that is not zero', [line(dock, 2), line(supplier, -1)]],
    ['items that cancel each other', [line(dock, 1, 'a'), line(supplier, -1, 'b')]],
    ['owners that cancel each other', [line(dock, 1), { ...line(supplier, -1), owner: 'other' }]],
    ['a line that moves nothing', [line(dock, 0), line(supplier, 0)]],
    ['more serials than units', [{ ...line(dock, 1), serials: ['30', '31'] }, line(supplier, -1)]],
  ])('refuses %s', (_, lines) => {
    expect(checkBalanced(lines).ok).toBe(false);
  });

  test('accepts exactly the splits whose parts sum to the whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: -3, max: 3 }),
        (parts, error) => {
          const sum = parts.reduce((total, part) => total + part, 0) + error;
          fc.pre(sum !== 0);
          const lines = [...parts.map((part) => line(dock, part)), line(supplier, -sum)];
          expect(checkBalanced(lines).ok).toBe(error === 0);
        },
      ),
    );
  });

  test('keys accounts so that status and customs regime keep them apart', () => {
    const keys = new Set([
      accountKey(dock),
      accountKey({ ...dock, status: 'available' }),
      accountKey({ ...dock, customs: 'bonded' }),
      accountKey({ type: 'transit', lane: 'lyon-metz' }),
      accountKey(supplier),
    ]);
    expect(keys.size).toBe(5);
    expect(accountKey({ ...dock, customs: 'free' })).toBe(accountKey(dock));
  });
});
