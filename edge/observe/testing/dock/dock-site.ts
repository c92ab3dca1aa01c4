import { starterObserve, starterPosting } from '../../../config/starter-config.ts';
import type { SiteConfig } from '../../../config/gateway-config.ts';

/**
 * The warehouse that observing is measured in: six doors side by side, four metres apart, that lead
 * to receiving and to shipping in turn, so that a cross-read takes goods to a wrong zone; two zones
 * behind. Each door has a reader with an antenna to either side, each zone one above it. What a
 * reader does not say, such as `observe` and `posting`, is what `gateway init` writes.
 */
export const zones = ['receiving', 'shipping', 'storage', 'cold'] as const;
export type Zone = (typeof zones)[number];

/** Goods that are nowhere on the site. */
export const outsideSite = '';
export type Place = Zone | typeof outsideSite;

export const doorCount = 6;
export const outsideAntenna = 1;
export const insideAntenna = 2;

export function zoneOfDoor(door: number): Zone {
  return door % 2 === 0 ? 'receiving' : 'shipping';
}

export function doorReader(door: number): string {
  return `door-${door}`;
}

export function zoneReader(zone: Zone): string {
  return `above-${zone}`;
}

/** Which zone's reader also hears what is in this one. */
export const neighbourZone: Readonly<Record<Zone, Zone>> = {
  receiving: 'shipping',
  shipping: 'receiving',
  storage: 'cold',
  cold: 'storage',
};

const reader = { profile: 'zebra-iotc', buffers: true, silentAfterMs: 600_000 } as const;
const doors = Array.from({ length: doorCount }, (_, door) => door);

export const dockSite: SiteConfig = {
  gateway: { tenant: 'main', site: 'leeds', id: 'gw-1' },
  observe: starterObserve,
  posting: starterPosting,
  zones: [
    { id: 'receiving', status: 'receiving' },
    { id: 'shipping', status: 'shipping' },
    { id: 'storage', status: 'available' },
    { id: 'cold', status: 'available' },
  ],
  portals: doors.map((door) => ({ id: doorReader(door), zone: zoneOfDoor(door) })),
  devices: [
    ...doors.map((door) => ({
      ...reader,
      id: doorReader(door),
      antennas: [
        { antenna: outsideAntenna, portal: doorReader(door), side: 'outside' as const },
        { antenna: insideAntenna, portal: doorReader(door), side: 'inside' as const },
      ],
    })),
    ...zones.map((zone) => ({ ...reader, id: zoneReader(zone), zone })),
  ],
};

/** Where an antenna looks, for a method that knows nothing of passes. */
export function placeOf(device: string, antenna: number): Place {
  const door = device.startsWith('door-') ? Number(device.slice('door-'.length)) : -1;
  if (door < 0) return device.slice('above-'.length) as Zone;
  return antenna === outsideAntenna ? outsideSite : zoneOfDoor(door);
}
