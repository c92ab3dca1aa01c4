import type { GatewayConfig } from '../../config/gateway-config.ts';
import { doorZone } from './soak-operator.ts';
import { packedMs, plcNodes, site } from './soak-site.ts';

/**
 * Makes the config of a bench gateway, with its readers and climate bridge, that of the reference
 * site: doors, PLCs, people, and durations that shrink with the hours.
 */
export function soakConfig(of: GatewayConfig, plcEndpoint: string): GatewayConfig {
  const doors = Array.from({ length: site.doors }, (_, index) => `door-${index}`);
  const shelves = site.readers - site.doors;
  const devices = of.devices.map((device, index) => {
    if (index >= site.readers) return climateBridge(device);
    if (index < shelves) return device;
    const { zone: _zone, ...reader } = device;
    const portal = doors[index - shelves] ?? '';
    return {
      ...reader,
      antennas: [
        { antenna: 1, portal, side: 'outside' as const },
        { antenna: 2, portal, side: 'inside' as const },
      ],
    };
  });
  return {
    ...of,
    floor: { peopleFile: 'keys/people.json' },
    observe: {
      minReads: 2,
      absentAfterMs: packedMs(600_000, 100),
      moveReads: 2,
      passWindowMs: packedMs(3000, 300),
    },
    posting: { ...of.posting, documentRequired: { ship: false }, settleMs: packedMs(15_000, 1000) },
    zones: [
      ...of.zones.filter(({ id }) => !id.startsWith('cold-')),
      ...Array.from({ length: site.climateSensors / site.sensorsPerZone }, (_, index) => ({
        id: `cold-${index}`,
        status: 'available' as const,
        temperature: { max: 8 },
      })),
    ],
    portals: doors.map((id) => ({ id, zone: doorZone })),
    devices: [...devices, ...plcDevices(plcEndpoint)],
    items: [{ item: 'screw-m4', tracking: 'bulk' }],
  };
}

function climateBridge(device: GatewayConfig['devices'][number]) {
  const sensors = Array.from({ length: site.climateSensors }, (_, index) => ({
    name: `sensor-${index}`,
    zone: `cold-${Math.floor(index / site.sensorsPerZone)}`,
  }));
  return { ...device, sensors };
}

function plcDevices(endpoint: string): GatewayConfig['devices'] {
  return Array.from({ length: site.plcs }, (_, index) => ({
    id: `plc-${index}`,
    profile: 'plc-counter',
    zone: doorZone,
    buffers: false,
    silentAfterMs: 60_000,
    opcua: {
      endpoint,
      // Often enough to see each change at any pace.
      samplingMs: 50,
      queueSize: 200,
      trustFirst: true,
      tags: plcNodes(index),
    },
  }));
}
