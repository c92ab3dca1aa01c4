import { expect, test } from 'vitest';
import {
  floorActAnswer,
  floorFound,
  floorPaths,
  type FloorFound,
  type FloorTasks,
} from '#contracts/api/floor-api.ts';
import { floorDoors, type FloorDoors } from '#contracts/api/floor-doors-api.ts';
import { faultsOf } from '#contracts/validate.ts';
import { impinjBody, zebraBody } from '../observe/testing/test-site.ts';
import { asn, bulkItem, gtin, pallet, serial } from '../post/testing/stock-rig.ts';
import { asked, openFloor } from './testing/floor-site.ts';

type Site = Awaited<ReturnType<typeof openFloor>>;

/** Three of four announced cartons come through the dock, and it goes quiet. */
async function threeOfFour({ clock, submit }: Site) {
  const serials = [1, 2, 3, 4].map(serial);
  const document = asn({
    lines: [{ line: 1, item: gtin, quantity: 4, serials }],
    units: [{ unit: pallet, contents: [{ line: 1, quantity: 4, serials }] }],
  });
  await submit({ type: 'document', origin: 'file', document });
  let number = 0;
  const pass = async (antenna: number) => {
    for (const epc of serials.slice(0, 3)) {
      number += 1;
      await submit(zebraBody({ epc, antenna, reads: 5, number, atMs: clock.nowMs() }));
    }
    clock.advance(500);
  };
  await pass(1);
  await pass(2);
  const quiet = async (ms: number) => {
    clock.advance(ms);
    await submit({ type: 'tick' });
  };
  await quiet(3000);
  return quiet;
}

test('a door says what passes now, then who agreed and the task that it left', async () => {
  const site = await openFloor();
  const mia = await site.client('mia');
  const quiet = await threeOfFour(site);
  const during = await mia.get<FloorDoors>(floorPaths.doors);
  expect(faultsOf(floorDoors, during)).toEqual([]);
  expect(during.doors).toMatchObject([
    { portal: 'dock-1', zone: 'receiving', last: null, task: null },
  ]);
  const [passing] = during.doors[0]?.passing ?? [];
  expect(passing).toMatchObject({ direction: 'in', sources: [{ source: 'rfid', units: 3 }] });
  await quiet(6000);
  await quiet(6000);
  const after = await mia.get<FloorDoors>(floorPaths.doors);
  expect(faultsOf(floorDoors, after)).toEqual([]);
  const [door] = after.doors;
  expect(door).toMatchObject({ passing: [], last: { portal: 'dock-1', direction: 'in' } });
  const { tasks } = await mia.get<FloorTasks>(floorPaths.tasks);
  const reconcile = tasks.find(({ task }) => task === 'reconcile');
  expect(door?.task ?? undefined).toBe(reconcile?.id);
  if (reconcile === undefined) return;
  await mia.act(asked({ type: 'resolve', task: reconcile.id, outcome: 'done' }));
  expect((await mia.get<FloorDoors>(floorPaths.doors)).doors).toMatchObject([{ task: null }]);
});

test('a unit says how much of it was seen, and which serials were not', async () => {
  const site = await openFloor();
  const mia = await site.client('mia');
  const quiet = await threeOfFour(site);
  await quiet(6000);
  await quiet(6000);
  const found = await mia.get<FloorFound>(floorPaths.find, { text: pallet });
  expect(faultsOf(floorFound, found)).toEqual([]);
  expect(found.units).toMatchObject([
    { unit: pallet, seen: { seen: 3, of: 4, place: 'dock-1', unread: [serial(4)] } },
  ]);
});

test('a licence plate is found by its number alone', async () => {
  const { client } = await openFloor();
  const mia = await client('mia');
  const goods = { item: bulkItem, quantity: 6 };
  await mia.act(asked({ type: 'receive', zone: 'storage', what: { goods } }));
  await mia.act(asked({ type: 'pack', parent: 'lpn:CASE-7', zone: 'storage', goods: [goods] }));
  const found = await mia.get<FloorFound>(floorPaths.find, { text: 'CASE-7' });
  expect(found).toMatchObject({ unit: 'lpn:CASE-7', units: [{ unit: 'lpn:CASE-7' }] });
});

test('a sweep answers with what is missing and what is strange, and not to who counts there', async () => {
  const { client, submit } = await openFloor();
  const mia = await client('mia');
  const goods = { item: gtin, quantity: 2, serials: [serial(1), serial(2)] };
  await mia.act(asked({ type: 'receive', zone: 'storage', what: { goods } }));
  for (const epc of [serial(1), serial(9)]) {
    for (let read = 0; read < 3; read += 1) await submit(impinjBody({ epc, antenna: 1 }));
  }
  const answer = await mia.act(asked({ type: 'sweep', zone: 'storage' }));
  expect(faultsOf(floorActAnswer, answer)).toEqual([]);
  expect(answer.sweep).toEqual({
    zone: 'storage',
    booked: 2,
    seen: 1,
    inferred: 0,
    missing: [serial(2)],
    unexpected: [{ epc: serial(9), bookedZone: null }],
    unknown: 0,
    more: false,
  });
  expect(answer.tasks).toMatchObject([{ task: 'resolve-difference', zone: 'storage' }]);
  const byHand = await mia.act(asked({ type: 'sweep', zone: 'storage', epcs: [serial(2)] }));
  expect(byHand.sweep).toMatchObject({ seen: 1, missing: [serial(1)], unexpected: [] });
  await mia.get(floorPaths.countSheet, { zone: 'storage' });
  const hidden = await mia.act(asked({ type: 'sweep', zone: 'storage' }));
  expect(hidden).toMatchObject({ outcome: 'applied', sweep: null });
});
