import type { Fleet } from '#contracts/api/fleet-api.ts';
import type { GatewayQuarantine } from '#contracts/api/quarantine-api.ts';

/** An invented fleet in the shape of the contracts, for tests only: live, draining and silent. */

const minute = 60_000;
const hour = 60 * minute;

type Gateway = Fleet['gateways'][number];
type Device = Fleet['devices'][number];
type Alert = Fleet['alerts'][number];

export function fixtureFleet(nowMs: number): Fleet {
  return {
    asOfMs: nowMs,
    gateways: [lyon(nowMs), rotterdam(nowMs), basel(nowMs), metz(nowMs)],
    devices: [...devicesOfLyon(nowMs), ...devicesElsewhere(nowMs)],
    alerts: alerts(nowMs),
  };
}

/** The same fleet, of which the hub first heard a few minutes ago. */
export function asYoungFleet(fleet: Fleet): Fleet {
  const firstSeenAt = fleet.asOfMs - 6 * minute;
  return { ...fleet, gateways: fleet.gateways.map((row) => ({ ...row, firstSeenAt })) };
}

/** The same fleet while the hub itself fails on what one gateway sends. */
export function withStuckGateway(fleet: Fleet, gateway: string): Fleet {
  const stuck = { code: 'INTERNAL', seq: 5513, sinceMs: fleet.asOfMs - 3 * minute };
  const reason = { stateReason: 'the hub fails on event 5513: INTERNAL', backlogEvents: 41, stuck };
  const gateways = fleet.gateways.map((row) =>
    row.gateway === gateway ? { ...row, ...reason, state: 'stuck' as const } : row,
  );
  return { ...fleet, gateways };
}

/** One site alone, with a gateway that is live beside one whose lane is halted. */
export function withHaltedGateway(fleet: Fleet): Fleet {
  const live = fleet.gateways.filter(({ gateway }) => gateway === 'lyon-1');
  const stateReason = 'it continues another history than the one recorded up to 5512';
  const halted = live.map((row) => ({
    ...row,
    gateway: 'lyon-2',
    state: 'halted' as const,
    stateReason,
  }));
  return { ...fleet, gateways: [...live, ...halted] };
}

function heardGateway(site: string, nowMs: number, rest: Partial<Gateway>): Gateway {
  return {
    site,
    gateway: `${site}-1`,
    state: 'live',
    stateReason: null,
    stuck: null,
    firstSeenAt: nowMs - 30 * 24 * hour,
    lastHeardAt: nowMs - 1200,
    epoch: 1,
    committedSeq: 5512,
    headSeq: 5512,
    backlogEvents: 0,
    clockSkewMs: -4,
    readsPerMinute: 210,
    intake: 'open',
    roomBytes: 412_000_000_000,
    quarantined: 0,
    quarantinedAtHub: 0,
    devices: 1,
    devicesSilent: 0,
    devicesUncovered: 0,
    startedAt: nowMs - 20 * hour,
    version: '0.1.0',
    ...rest,
  };
}

function lyon(nowMs: number): Gateway {
  return heardGateway('lyon', nowMs, {
    committedSeq: 912_077,
    headSeq: 912_077,
    clockSkewMs: 12,
    readsPerMinute: 18_720,
    quarantined: 3,
    quarantinedAtHub: 2,
    devices: 6,
    devicesUncovered: 2,
    startedAt: nowMs - 3 * hour,
  });
}

function rotterdam(nowMs: number): Gateway {
  return heardGateway('rotterdam', nowMs, {
    state: 'draining',
    committedSeq: 171_002,
    headSeq: 172_206,
    backlogEvents: 1204,
    clockSkewMs: -2400,
    readsPerMinute: 4310,
    devices: 4,
    devicesSilent: 1,
    devicesUncovered: 1,
    startedAt: nowMs - 9 * 24 * hour,
  });
}

/** What only the gateway itself could say is unknown. */
function basel(nowMs: number): Gateway {
  return heardGateway('basel', nowMs, {
    state: 'silent',
    lastHeardAt: nowMs - 41 * minute,
    epoch: 2,
    committedSeq: 60_411,
    headSeq: null,
    backlogEvents: null,
    clockSkewMs: null,
    readsPerMinute: null,
    intake: null,
    roomBytes: null,
    quarantined: null,
    devices: 2,
    startedAt: null,
    version: null,
  });
}

function metz(nowMs: number): Gateway {
  return heardGateway('metz', nowMs, { lastHeardAt: nowMs - 800 });
}

function deviceMaker(nowMs: number) {
  return (gateway: string, device: string, profile: string, rest: Partial<Device>): Device => ({
    site: gateway.slice(0, -2),
    gateway,
    factsAt: nowMs - 2000,
    device,
    profile,
    connected: true,
    covered: true,
    silent: false,
    quarantined: 0,
    readsPerMinute: 0,
    lastHeardAt: nowMs - 900,
    ...rest,
  });
}

function devicesOfLyon(nowMs: number): Device[] {
  const device = deviceMaker(nowMs);
  const polled = { covered: false, uncoveredReason: 'polled' } as const;
  const [dock, aisle, cold] = [{ zone: 'dock-2' }, { zone: 'a-07' }, { zone: 'cold-2' }];
  const bay = { zone: 'high-bay-storage-aisle-07-upper-level-01' };
  return [
    device('lyon-1', 'dock-2', 'impinj-r700', { ...dock, readsPerMinute: 18_000, clockSkewMs: 3 }),
    device('lyon-1', 'aisle-a', 'zebra-iot', { ...bay, readsPerMinute: 720, clockSkewMs: -41 }),
    device('lyon-1', 'line-2', 'packml', { ...aisle, ...polled }),
    device('lyon-1', 'counter-3', 'plain-counter', { ...polled, zones: [] }),
    device('lyon-1', 'climate-1', 'sparkplug-b', { ...cold, readsPerMinute: 6 }),
    device('lyon-1', 'dock-4', 'impinj-r700', {
      zones: ['dock-2', 'dock-3', 'dock-4', 'staging-north'],
      quarantined: 3,
      clockSkewMs: 7_300_000,
    }),
  ];
}

function devicesElsewhere(nowMs: number): Device[] {
  const device = deviceMaker(nowMs);
  const silent = { silent: true, connected: false, lastHeardAt: nowMs - 6 * minute };
  const qos0 = { covered: false, uncoveredReason: 'qos0' } as const;
  const away = { factsAt: nowMs - 41 * minute, lastHeardAt: nowMs - 41 * minute, zone: 'floor' };
  const [dock, cold] = [{ zone: 'dock-1' }, { zone: 'b-12' }];
  return [
    device('rotterdam-1', 'dock-1-a', 'impinj-r700', { ...dock, readsPerMinute: 4300 }),
    device('rotterdam-1', 'dock-1-b', 'impinj-r700', { ...dock, ...silent }),
    device('rotterdam-1', 'climate-cold-2', 'zigbee2mqtt', { ...cold, ...qos0, readsPerMinute: 6 }),
    device('rotterdam-1', 'gate', 'zebra-iot', { ...dock, readsPerMinute: 4 }),
    device('basel-1', 'door', 'impinj-r700', away),
    device('basel-1', 'shelf', 'zebra-iot', away),
    device('metz-1', 'dock', 'impinj-r700', {
      zone: 'dock',
      readsPerMinute: 210,
      lineFaults: { framesCut: 2, notRead: 0, protocolFaults: 0 },
    }),
  ];
}

function alerts(nowMs: number): Alert[] {
  const at = { site: 'rotterdam', gateway: 'rotterdam-1', factsAt: nowMs - 2000, open: true };
  return [
    {
      ...at,
      id: 'excursion/cold-2',
      type: 'excursion',
      device: 'climate-cold-2',
      zone: 'b-12',
      openedAt: nowMs - 51 * minute,
      text: '9.4 °C, above 8.0 °C',
    },
    {
      ...at,
      id: 'silence/dock-1-b',
      type: 'silence',
      device: 'dock-1-b',
      openedAt: nowMs - 6 * minute,
      text: 'Quiet for longer than 30 s',
    },
  ];
}

/** Why messages of `lyon-1` are in quarantine; nothing is of the others. */
export function fixtureQuarantine(nowMs: number, gateway: string): GatewayQuarantine {
  const at = { asOfMs: nowMs, gateway };
  if (gateway !== 'lyon-1') return { ...at, unread: [], atHub: [] };
  const dock = { device: 'dock-4', lastAt: nowMs - 12 * minute };
  return {
    ...at,
    unread: [
      { ...dock, reason: 'malformed', count: 2 },
      { ...dock, reason: 'wrong-topic', count: 1, lastAt: nowMs - 3 * hour },
      { device: null, reason: 'gateway-fault', count: 1, lastAt: nowMs - 26 * hour },
    ],
    atHub: [
      { reason: 'poison', count: 2, lastAt: nowMs - 40 * minute, lastDetail: '/quantity is none' },
    ],
  };
}
