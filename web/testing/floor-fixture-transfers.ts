import type { FloorTransfer } from '#contracts/api/floor-transfers-api.ts';
import { pallet } from './floor-fixture.ts';

const hour = 3_600_000;

const thing = { owner: 'own', lot: null, unit: null, item: '04012345123456' };

/** Single things that are on their way here. */
export const thingsOnTheWay = ['3034257BF7194E4000001A85', '3034257BF7194E4000001A86'];

/** A pallet and loose goods on their way here, one lot that was sent from here. */
export function fixtureTransfers(nowMs: number): FloorTransfer[] {
  const line = { owner: 'own', lot: null, unit: null, serials: [] };
  return [
    {
      transfer: 'metz-1/1/x812-0',
      isOwn: false,
      other: 'metz-1',
      site: 'metz',
      sentAtMs: nowMs - 30 * hour,
      isLate: true,
      toZone: null,
      lines: [{ ...line, item: '85123A', unit: pallet, quantity: 48, left: 48 }],
    },
    {
      transfer: 'lyon-2/1/x77-0',
      isOwn: false,
      other: 'lyon-2',
      site: 'lyon',
      sentAtMs: nowMs - hour,
      isLate: false,
      toZone: 'storage',
      lines: [
        { ...line, item: '22423', quantity: 24, left: 18 },
        { ...line, item: '71053', lot: 'L-9', quantity: 6, left: 6 },
      ],
    },
    {
      transfer: 'lyon-2/1/x79-0',
      isOwn: false,
      other: 'lyon-2',
      site: 'lyon',
      sentAtMs: nowMs - hour / 2,
      isLate: false,
      toZone: 'storage',
      lines: [{ ...thing, quantity: 2, left: 2, serials: [...thingsOnTheWay] }],
    },
    {
      transfer: 'x41-0',
      isOwn: true,
      other: 'lyon-2',
      site: 'lyon',
      sentAtMs: nowMs - 2 * hour,
      isLate: false,
      toZone: 'hall-b',
      lines: [{ ...line, item: '85123A', quantity: 12, left: 12 }],
    },
  ];
}
