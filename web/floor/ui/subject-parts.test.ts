import { expect, test } from 'vitest';
import { rowNote } from './subject-parts.ts';

test('an account that nobody has counted since the gateway was replaced says so', () => {
  const row = {
    zone: 'storage',
    status: 'available',
    owner: 'own',
    item: 'bolt',
    lot: null,
    handlingUnit: null,
    quantity: 40,
  } as const;
  expect(rowNote(row)).not.toContain('replaced');
  expect(rowNote({ ...row, unsure: true })).toContain('not counted since the gateway was replaced');
});
