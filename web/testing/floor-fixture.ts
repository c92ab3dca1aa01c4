import type {
  FloorActAnswer,
  FloorCountSheet,
  FloorDocument,
  FloorDocumentRow,
  FloorSession,
  FloorSite,
  FloorStockRow,
  FloorTask,
  FloorUnit,
} from '#contracts/api/floor-api.ts';
import type { FloorBanner } from '#contracts/api/floor-banner-api.ts';
import type { FlowItem } from '#contracts/api/floor-flow-api.ts';

/** An invented warehouse in the shapes of the floor's contract, for tests only. */

const minute = 60_000;
const hour = 60 * minute;

export const pallet = 'sscc:376130321000300843';
export const serialEpc = '3034257BF7194E4000001A85';

/** Of the pallet: what no reader saw of it, and when the others did. */
export const unreadEpcs = ['3034257BF7194E4000001A90', '3034257BF7194E4000001A91'] as const;
const fixtureSeenMs = Date.UTC(2026, 10, 22, 12, 58);

export const floorSite: FloorSite = {
  site: 'lyon',
  gateway: 'lyon-1',
  zones: [
    { id: 'dock-2', status: 'receiving' },
    { id: 'storage', status: 'available' },
    { id: 'cold-2', status: 'available' },
    { id: 'packing', status: 'packing' },
    { id: 'dock-3', status: 'shipping' },
  ],
  portals: [{ id: 'door-2', zone: 'dock-2' }],
  elsewhere: [
    { id: 'hall-b', gateway: 'lyon-2' },
    { id: 'metz-dock', gateway: 'metz-1', site: 'metz' },
  ],
  recountBy: 'other',
  onDocumentOnly: ['ship'],
};

export function floorSession(nowMs: number): FloorSession {
  return {
    person: 'p-17',
    name: 'Marie Duval',
    role: 'operator',
    may: [
      'receive',
      'ship',
      'move',
      'count',
      'sweep',
      'hold',
      'release',
      'adjust',
      'pack',
      'unpack',
      'resolve',
      'close',
    ],
    zones: null,
    owners: null,
    lease: {
      limitPerEntry: 50,
      limitCumulative: 500,
      leftUnits: 240,
      valuePerEntryMinor: null,
      leftValueMinor: null,
      validUntilMs: nowMs + 8 * hour,
    },
    credentialUntilMs: nowMs + 72 * hour,
    expiresAt: nowMs + hour,
  };
}

export function floorBanner(nowMs: number, hub: FloorBanner['hub']['state']): FloorBanner {
  const away = hub === 'away' || hub === 'halted';
  return {
    asOfMs: nowMs,
    version: '0.1.0',
    hub: {
      state: hub,
      sinceMs: away ? nowMs - 200 * minute : null,
      reason: hub === 'halted' ? 'the hub knows another history of this gateway' : null,
    },
    queuedEvents: away ? 1204 : 0,
    backlogEntries: 0,
    intake: { state: 'open', reason: null, sinceMs: null },
    journal: 'open',
    override: null,
    room: { bytes: 41_200_000_000, days: away ? 9.4 : null },
    clockAheadMs: 0,
  };
}

export function floorTasks(nowMs: number): FloorTask[] {
  return [
    {
      id: 't1204-0',
      task: 'verify-containment',
      reason: '45 of 48 cases were read, 3 are inferred',
      unit: pallet,
      document: 'ASN-77120',
      zone: 'dock-2',
      openedAtMs: nowMs - 4 * minute,
    },
    {
      id: 't1190-0',
      task: 'recount',
      reason: 'one account differs from the book',
      zone: 'storage',
      item: '22423',
      act: 'a-count-1',
      openedAtMs: nowMs - 38 * minute,
    },
    {
      id: 't1171-2',
      task: 'identify',
      reason: 'a tag without an item stands in cold-2',
      zone: 'cold-2',
      epc: '3034257BF7194E40000099AA',
      openedAtMs: nowMs - 2 * hour,
    },
  ];
}

export function floorDocuments(nowMs: number): FloorDocumentRow[] {
  const row = (id: string, rest: Partial<FloorDocumentRow>): FloorDocumentRow => ({
    id,
    type: 'receipt',
    version: 1,
    state: 'open',
    partner: 'Courbet Frères',
    expectedAtMs: nowMs + 50 * minute,
    zone: 'dock-2',
    expected: 120,
    seen: 0,
    complete: false,
    ...rest,
  });
  return [
    row('ASN-77120', { expected: 148, seen: 45, expectedAtMs: nowMs - 20 * minute }),
    row('ASN-77131', { partner: 'Molkerei Süd', expectedAtMs: nowMs - 70 * minute }),
    row('ASN-77140', { partner: 'Nordvik', expectedAtMs: nowMs + 26 * hour, expected: 2400 }),
    row('5512', {
      type: 'shipment',
      partner: 'Tournier',
      zone: 'dock-3',
      expected: 84,
      seen: 24,
      expectedAtMs: nowMs + 30 * minute,
    }),
  ];
}

export function floorDocument(nowMs: number, id = 'ASN-77120'): FloorDocument {
  const row = floorDocuments(nowMs).find((each) => each.id === id) ?? floorDocuments(nowMs)[0];
  if (row === undefined) throw new Error('no document');
  const unitState = row.type === 'receipt' ? 'expected' : 'here';
  const line = (number: number, item: string, expected: number, seen: number) => ({
    line: number,
    item,
    lot: null,
    owner: 'own',
    tracking: 'bulk' as const,
    expected,
    seen,
    room: Math.max(0, expected - seen),
    serials: [],
  });
  return {
    ...row,
    asOfMs: nowMs,
    lines:
      row.type === 'shipment'
        ? [line(1, '85123A', 24, 24), line(2, '84879', 60, 0)]
        : [
            { ...line(1, '22423', 48, 45), lot: 'L881', tracking: 'lot' },
            line(2, '84879', 60, 0),
            { ...line(3, '04012345123456', 16, 0), tracking: 'serial' },
            line(4, '85123A', 24, 24),
          ],
    units: [
      {
        unit: pallet,
        parent: null,
        state: unitState,
        zone: unitState === 'here' ? 'dock-3' : null,
      },
      { unit: 'sscc:376130321000300850', parent: null, state: 'here', zone: 'dock-2' },
    ],
  };
}

export function stockRow(zone: string, rest: Partial<FloorStockRow> = {}): FloorStockRow {
  return {
    zone,
    status: 'available',
    owner: 'own',
    item: '22423',
    lot: 'L881',
    handlingUnit: null,
    quantity: 240,
    ...rest,
  };
}

export const floorStock: readonly FloorStockRow[] = [
  stockRow('storage'),
  stockRow('dock-2', { status: 'receiving', quantity: 45, handlingUnit: pallet }),
  stockRow('cold-2', { status: 'quality-hold', lot: 'L870', quantity: 36 }),
  stockRow('cold-2', { item: '47566', lot: 'L883', status: 'quality-hold', quantity: 120 }),
  stockRow('storage', { item: '84879', lot: null, status: 'unverified', quantity: 8 }),
  stockRow('storage', { item: '85123A', lot: null, quantity: 1310 }),
  stockRow('dock-3', { item: '84879', lot: null, status: 'shipping', quantity: 60 }),
];

export function floorUnit(): FloorUnit {
  return {
    unit: pallet,
    parent: null,
    zone: 'dock-2',
    state: 'here',
    document: 'ASN-77120',
    seen: { seen: 45, of: 48, place: 'door-2', atMs: fixtureSeenMs, unread: [...unreadEpcs] },
    serials: [serialEpc, ...unreadEpcs],
    goods: [{ owner: 'own', item: '22423', lot: 'L881', quantity: 45 }],
    within: [
      {
        unit: 'lpn:CASE-0117',
        parent: pallet,
        zone: 'dock-2',
        state: 'here',
        document: null,
        serials: [],
        goods: [{ owner: 'own', item: '84879', lot: null, quantity: 6 }],
      },
    ],
  };
}

export function floorCountSheet(zone: string, task: string | null, nowMs: number): FloorCountSheet {
  const line = (item: string, lot: string | null) => ({
    item,
    lot,
    owner: 'own',
    handlingUnit: null,
    tracking: null,
  });
  return {
    asOfMs: nowMs,
    zone,
    recountOf: task === null ? null : 'a-count-1',
    lines: [line('22423', 'L881'), line('84879', null), line('85123A', null)],
  };
}

export function flowItem(pos: number, nowMs: number, rest: Partial<FlowItem> = {}): FlowItem {
  return {
    pos,
    atMs: nowMs,
    device: 'reader-dock-2',
    channel: 'impinj/reader-dock-2/events',
    bytes: 412,
    raw: '[{"timestamp":"2026-11-22T13:02:30.114Z","eventType":"tagInventory","tagInventoryEvent":{"epc":"MDQlX38ZTkAAABqF","antennaPort":2,"peakRssiCdbm":-5230}}]',
    trouble: null,
    readings: 2,
    decoded: [{ type: 'tag', text: `${serialEpc} at antenna 2, −52.3 dBm` }],
    said: 1,
    events: [{ kind: 'tag.entered', text: `${serialEpc} into dock-2` }],
    ...rest,
  };
}

export function appliedAnswer(act: string): FloorActAnswer {
  return {
    act,
    outcome: 'applied',
    repeated: false,
    refusal: null,
    events: [{ event: 'lyon-1/1/5513', kind: 'stock.moved' }],
    tasks: [],
    sweep: null,
    count: null,
  };
}
