import type {
  EventEvidence,
  MovementsPage,
  StockPage,
  StockRow,
} from '#contracts/api/stock-api.ts';

/** Invented answers in the shape of the contracts, for tests only. Times hang on one `now`. */

const minute = 60_000;
const hour = 60 * minute;

const zones: readonly (readonly [site: string, gateway: string, zone: string])[] = [
  ['lyon', 'lyon-1', 'dock-2'],
  ['lyon', 'lyon-1', 'a-07'],
  ['lyon', 'lyon-1', 'cold-2'],
  ['rotterdam', 'rotterdam-1', 'dock-1'],
  ['rotterdam', 'rotterdam-1', 'b-12'],
  ['basel', 'basel-1', 'floor'],
];
const items = ['04012345123456', '04012345987652', '84879', '22423', '85123a', 'ch-0031'];
const statuses: readonly StockRow['status'][] = [
  'available',
  'receiving',
  'unverified',
  'quality-hold',
];

export function fixtureRows(nowMs: number): StockRow[] {
  const rows: StockRow[] = [];
  for (const [zoneIndex, [site, gateway, zone]] of zones.entries()) {
    for (let index = 0; index < 60; index += 1) {
      const seed = zoneIndex * 60 + index;
      rows.push({
        site,
        zone,
        status: statuses[seed % 7 === 0 ? (seed / 7) % 4 : 0] ?? 'available',
        owner: seed % 9 === 0 ? 'acme' : 'own',
        item: `${items[index % items.length] ?? ''}${index < items.length ? '' : `-${index}`}`,
        lot: seed % 3 === 0 ? `l${800 + (seed % 90)}` : null,
        handlingUnit: null,
        quantity: seed === 4 ? -3 : (seed * 7919) % 2400,
        lastEvent: `${gateway}/1/${4000 + seed}`,
        changedAt: nowMs - ((seed * 37_003) % (6 * hour)) - 2000,
      });
    }
  }
  return rows;
}

export function fixtureCompleteness(nowMs: number): StockPage['completeness'] {
  return {
    asOfMs: nowMs,
    behind: [
      { site: 'rotterdam', gateway: 'rotterdam-1', waitingEvents: 1204, lastHeardAt: nowMs - 2000 },
      { site: 'basel', gateway: 'basel-1', waitingEvents: null, lastHeardAt: nowMs - 41 * minute },
    ],
  };
}

/** Three lines that give the row's quantity, the newest the one that changed it last. */
export function fixtureMovements(nowMs: number, row: StockRow): MovementsPage {
  const at = (ageMs: number) => ({
    occurredAt: nowMs - ageMs,
    receivedAt: nowMs - ageMs + 40,
    recordedAt: nowMs - ageMs + 900,
  });
  return {
    total: 3,
    nextCursor: null,
    rows: [
      {
        ...at(9 * minute),
        event: row.lastEvent,
        kind: 'stock.moved',
        device: 'dock-2',
        quantity: 12,
        counterAccount: 'zone:dock-2:receiving:free',
        serials: ['3034257BF7194E4000001A85', '3034257BF7194E4000001A86'],
        certaintyPermille: 998,
      },
      {
        ...at(50 * minute),
        event: 'lyon-1/1/3950',
        kind: 'stock.shipped',
        device: 'aisle-a',
        quantity: -5,
        counterAccount: 'customer',
        serials: [],
        certaintyPermille: 960,
      },
      {
        ...at(26 * hour),
        event: 'lyon-1/1/120',
        kind: 'stock.received',
        device: null,
        quantity: row.quantity - 7,
        counterAccount: 'opening',
        serials: [],
        certaintyPermille: null,
      },
    ],
  };
}

/** A page of `total` lines of one unit each, with the place in the list as the cursor. */
export function manyFixtureMovements(
  nowMs: number,
  row: StockRow,
  total: number,
  query: URLSearchParams,
): MovementsPage {
  const from = Number(query.get('cursor')?.split('_')[0] ?? 0);
  const to = Math.min(total, from + Number(query.get('limit') ?? 50));
  const { rows } = fixtureMovements(nowMs, row);
  const [any] = rows;
  if (any === undefined) return { rows: [], total: 0, nextCursor: null };
  return {
    total,
    nextCursor: to < total ? `${to}_0` : null,
    rows: Array.from({ length: to - from }, (_, n) => ({
      ...any,
      event: `lyon-1/1/${total - from - n}`,
      quantity: 1,
    })),
  };
}

export function fixtureEvidence(nowMs: number, event: string): EventEvidence {
  const [gateway = '', epoch = '', seq = ''] = event.split('/');
  return {
    event,
    site: 'lyon',
    header: `{"cause":[40110,0],"device":"dock-2","epoch":${epoch},"gateway":"${gateway}","kind":"stock.moved","occurredAt":${nowMs - 540_000},"owner":"own","receivedAt":${nowMs - 539_960},"seq":${seq},"site":"lyon","timeQuality":"device","v":1}`,
    payload:
      '{"evidence":{"agreed":["dock-2","line-2"],"certaintyPermille":998},"lines":[{"account":{"status":"receiving","type":"zone","zone":"dock-2"},"item":"22423","owner":"own","quantity":-12},{"account":{"status":"available","type":"zone","zone":"a-07"},"item":"22423","owner":"own","quantity":12}]}',
    hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    previousHash: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
    recordedAt: nowMs - 539_000,
    state: 'applied',
    signedSeq: 4100,
    keyId: '1d5f9a0b7c3e2468',
    signature: 'kFh0b2Vc1r5l0n4Qm1uYd0H3G9m2bWfKQ0T6v3aJZ5kq7W8eXc1o2p3r4s5t6u7v8w9xAyBzC==',
    chainVerified: true,
    signatureVerified: true,
  };
}
