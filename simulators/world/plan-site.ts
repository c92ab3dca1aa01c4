import type {
  AntennaLayout,
  ClimateLayout,
  ConveyorLayout,
  ReaderLayout,
  SiteLayout,
  ZoneLayout,
} from './site-layout.ts';

const zones: readonly ZoneLayout[] = [
  { id: 'dock', role: 'dock', status: 'receiving' },
  { id: 'rack-1', role: 'store', status: 'available' },
  { id: 'cold-1', role: 'store', status: 'available', temperature: { min: 2, max: 8 } },
  { id: 'staging', role: 'staging', status: 'shipping' },
];

const portals = [
  { id: 'dock-door', zone: 'dock', flow: 'in' },
  { id: 'ship-door', zone: 'staging', flow: 'out' },
] as const;

/** The first four readers see both doors and every zone; each further one covers another rack. */
const firstAntennas: readonly (readonly AntennaLayout[])[] = [
  [
    { antenna: 1, portal: 'dock-door', side: 'outside' },
    { antenna: 2, portal: 'dock-door', side: 'inside' },
    { antenna: 3, zone: 'dock' },
  ],
  [
    { antenna: 1, portal: 'ship-door', side: 'inside' },
    { antenna: 2, portal: 'ship-door', side: 'outside' },
    { antenna: 3, zone: 'staging' },
  ],
  [
    { antenna: 1, zone: 'rack-1' },
    { antenna: 2, zone: 'rack-1' },
  ],
  [{ antenna: 1, zone: 'cold-1' }],
];

/**
 * Lays out one warehouse with every device family in it. Readers alternate between the families;
 * every fourth has no buffer of its own, so that what the guarantee does not cover occurs as well.
 *
 * @param number counts sites from 1 and is part of every name that must differ between sites.
 */
export function planSite(number: number, readers: number): SiteLayout {
  const extraRacks = Math.max(0, readers - firstAntennas.length);
  return {
    site: `site-${number}`,
    gateway: `gateway-${number}`,
    zones: [...zones, ...Array.from({ length: extraRacks }, (_, index) => rack(index + 2))],
    portals,
    readers: Array.from({ length: readers }, (_, index) => reader(index)),
    conveyors: conveyors(),
    climate: climate(`site-${number}`),
  };
}

function rack(number: number): ZoneLayout {
  return { id: `rack-${number}`, role: 'store', status: 'available' };
}

function reader(index: number): ReaderLayout {
  const family = index % 2 === 0 ? 'impinj' : 'zebra';
  const id = `${family}-${index + 1}`;
  return {
    id,
    topic: id,
    family,
    qos: 1,
    buffers: index % 4 !== 3,
    antennas: firstAntennas[index] ?? [{ antenna: 1, zone: `rack-${index - 2}` }],
  };
}

/** One line by PackML, and one that shows plain tags only and wraps a 16-bit register early on. */
function conveyors(): ConveyorLayout[] {
  return [
    {
      id: 'line-1',
      family: 'packml',
      zone: 'dock',
      counters: [
        { name: 'processed', startsAt: 0 },
        { name: 'defective', startsAt: 0 },
      ],
    },
    {
      id: 'sorter-1',
      family: 'counter',
      zone: 'staging',
      counters: [{ name: 'sorted', registerMax: 65_535, startsAt: 65_500 }],
    },
  ];
}

function climate(site: string): ClimateLayout[] {
  return [
    {
      id: 'zigbee-1',
      family: 'zigbee2mqtt',
      topic: 'zigbee2mqtt',
      qos: 1,
      buffers: true,
      sensors: [
        { name: 'cold room/door', zone: 'cold-1' },
        { name: 'dock sensor', zone: 'dock' },
      ],
    },
    {
      id: 'sparkplug-1',
      family: 'sparkplug',
      topic: `spBv1.0/${site}/+/sparkplug-1`,
      qos: 0,
      buffers: false,
      sensors: [{ name: 'probe-1', zone: 'cold-1' }],
    },
  ];
}
