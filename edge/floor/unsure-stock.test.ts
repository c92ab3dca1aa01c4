import { expect, test } from 'vitest';
import { floorPaths, type FloorFound, type FloorStock } from '#contracts/api/floor-api.ts';
import type { BookRows } from '#contracts/site-book.ts';
import { bulkItem } from '../post/testing/stock-rig.ts';
import { asked, openFloor, type FloorClient } from './testing/floor-site.ts';

const of = { item: bulkItem, owner: 'own', quantity: 40, status: 'available' } as const;
const rows: BookRows = {
  accounts: [
    { ...of, zone: 'receiving' },
    { ...of, zone: 'storage' },
  ],
  serials: [],
  tasks: [],
  units: [],
};
const origin = {
  parent: { hash: 'a'.repeat(64), ordinal: 1, seq: 40 },
  uncertainFromMs: 1,
  uncertainToMs: 2,
  book: 'b'.repeat(64),
};

async function shown(by: FloorClient): Promise<(string | number | boolean | null)[][]> {
  const { rows: all } = await by.get<FloorStock>(floorPaths.stock);
  return all.map(({ zone, quantity, unsure = false }) => [zone, quantity, unsure]);
}

test('stock of a replaced box is shown as not sure, zone by zone, until somebody counted there', async () => {
  const { client, submit } = await openFloor();
  await submit({ type: 'book-restored', part: 1, parts: 1, rows, origin });
  const mia = await client('mia');
  expect(await shown(mia)).toEqual([
    ['receiving', 40, true],
    ['storage', 40, true],
  ]);
  const found = await mia.get<FloorFound>(floorPaths.find, { text: bulkItem });
  expect(found.rows.map(({ unsure }) => unsure)).toEqual([true, true]);
  const { tasks } = await mia.get<{ tasks: { id: string; zone: string }[] }>(floorPaths.tasks);
  const task = tasks.find(({ zone }) => zone === 'storage')?.id ?? '';
  const counted = { type: 'count', zone: 'storage', task } as const;
  await mia.act(asked({ ...counted, found: [{ item: bulkItem, quantity: 40 }] }));
  expect(await shown(mia)).toEqual([
    ['receiving', 40, true],
    ['storage', 40, false],
  ]);
});
