import { planClimate } from './plan-climate.ts';
import type {
  AntennaLayout,
  ConveyorLayout,
  ReaderLayout,
  ScannerLayout,
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
 * Lays out one warehouse with every device family in it. Fixed readers over MQTT alternate between
 * two makers; every fourth has no buffer of its own, so that what the guarantee does not cover
 * occurs as well.
 *
 * @param readers fixed readers over MQTT; from two on there are all families.
 * @param number counts sites from 1 and is part of every name that must differ between sites.
 */
export function planSite(number: number, readers: number): SiteLayout {
  const extraRacks = Math.max(0, readers - firstAntennas.length);
  return {
    site: `site-${number}`,
    gateway: `gateway-${number}`,
    zones: [...zones, ...Array.from({ length: extraRacks }, (_, index) => rack(index + 2))],
    portals,
    readers: [
      ...Array.from({ length: readers }, (_, index) => reader(index)),
      handheld,
      gateReader,
    ],
    conveyors: conveyors(),
    climate: planClimate(number),
    scanners,
  };
}

function rack(number: number): ZoneLayout {
  return { id: `rack-${number}`, role: 'store', status: 'available' };
}

function reader(index: number): ReaderLayout {
  const isImpinj = index % 2 === 0;
  const id = `${isImpinj ? 'impinj' : 'zebra'}-${index + 1}`;
  const antennas = firstAntennas[index] ?? [{ antenna: 1, zone: `rack-${index - 2}` }];
  const door = antennas.find((antenna) => 'portal' in antenna)?.portal;
  return {
    id,
    topic: id,
    profile: isImpinj ? 'impinj-r700' : 'zebra-iotc',
    qos: 1,
    buffers: index % 4 !== 3,
    antennas,
    ...(door === undefined ? {} : { photoEye: door }),
  };
}

/** Somebody goes through the cold room with it, reads tags and scans labels. */
const handheld: ReaderLayout = {
  id: 'handheld-1',
  topic: 'handheld-1',
  profile: 'zebra-rfd',
  qos: 1,
  buffers: true,
  antennas: [{ antenna: 1, zone: 'cold-1' }],
  scansIn: 'cold-1',
};

/** A reader over OPC UA. */
const gateReader: ReaderLayout = {
  id: 'autoid-1',
  topic: '',
  profile: 'autoid-rfid',
  qos: 0,
  buffers: false,
  antennas: [{ antenna: 1, zone: 'rack-1' }],
};

const scanners: readonly ScannerLayout[] = [
  {
    id: 'scanner-1',
    topic: 'scanner-1',
    profile: 'mqtt-scanner',
    qos: 1,
    buffers: true,
    zone: 'dock',
  },
  { id: 'scanner-2', topic: '', profile: 'http-scanner', qos: 1, buffers: true, zone: 'staging' },
];

/** One line by PackML, and one that shows plain tags only and wraps a 16-bit register early on. */
function conveyors(): ConveyorLayout[] {
  return [
    {
      id: 'line-1',
      profile: 'packml',
      zone: 'dock',
      counters: [
        { name: 'processed', startsAt: 0 },
        { name: 'defective', startsAt: 0 },
      ],
    },
    {
      id: 'sorter-1',
      profile: 'plc-counter',
      zone: 'staging',
      counters: [{ name: 'sorted', registerMax: 65_535, startsAt: 65_500 }],
    },
  ];
}
