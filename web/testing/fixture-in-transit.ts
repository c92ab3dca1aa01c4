import type { InTransitPage } from '#contracts/api/in-transit-api.ts';

const hour = 3_600_000;
const lyonMetz = 'lyon-1>metz-1';
const baselBasel = 'basel-1>basel-2';

export function emptyInTransit(nowMs: number): InTransitPage {
  return { asOfMs: nowMs, lanes: [], rows: [], total: 0 };
}

/**
 * A pallet between two sites, and loose goods within one that arrived before they left.
 *
 * @param more rows that the page does not list
 */
export function fixtureInTransit(nowMs: number, more = 0): InTransitPage {
  return {
    asOfMs: nowMs,
    lanes: [
      {
        lane: lyonMetz,
        from: { gateway: 'lyon-1', site: 'lyon' },
        to: { gateway: 'metz-1', site: 'metz' },
        onTheWay: 48,
        notSent: 0,
        since: nowMs - 30 * hour,
        transfers: 1,
      },
      {
        lane: baselBasel,
        from: { gateway: 'basel-1', site: 'basel' },
        to: { gateway: 'basel-2', site: 'basel' },
        onTheWay: 2,
        notSent: 6,
        since: nowMs - hour,
        transfers: 2,
      },
    ],
    rows: rowsOf(nowMs),
    total: 4 + more,
  };
}

function rowsOf(nowMs: number): InTransitPage['rows'] {
  const row = { owner: 'own', lot: null, handlingUnit: null, epc: null };
  return [
    {
      ...row,
      lane: lyonMetz,
      item: '85123A',
      handlingUnit: 'sscc:376130321000300843',
      quantity: 48,
      since: nowMs - 30 * hour,
      lastEvent: 'lyon-1/1/812',
    },
    {
      ...row,
      lane: baselBasel,
      item: '22423',
      quantity: -6,
      since: nowMs - hour,
      lastEvent: 'basel-2/1/77',
    },
    {
      ...row,
      lane: baselBasel,
      item: '04012345123456',
      epc: '3034257BF7194E4000001A85',
      quantity: 1,
      since: nowMs - hour,
      lastEvent: 'basel-1/1/78',
    },
    {
      ...row,
      lane: baselBasel,
      item: '04012345123456',
      epc: '3034257BF7194E4000001A86',
      quantity: 1,
      since: nowMs - hour,
      lastEvent: 'basel-1/1/79',
    },
  ];
}
