import type { StockStatus } from '#contracts/posting.ts';

/** What stands in a simulated warehouse: the part of a site's configuration that the world needs. */
export interface SiteLayout {
  readonly site: string;
  readonly gateway: string;
  readonly zones: readonly ZoneLayout[];
  readonly portals: readonly PortalLayout[];
  readonly readers: readonly ReaderLayout[];
  readonly conveyors: readonly ConveyorLayout[];
  readonly climate: readonly ClimateLayout[];
}

export interface ZoneLayout {
  readonly id: string;
  /** Goods flow dock → store → staging. */
  readonly role: 'dock' | 'store' | 'staging';
  readonly status: StockStatus;
  /** °C within which the zone must stay. */
  readonly temperature?: { readonly min: number; readonly max: number };
}

export interface PortalLayout {
  readonly id: string;
  /** The zone behind the door. */
  readonly zone: string;
  /** Which way the world's goods use the door. */
  readonly flow: 'in' | 'out';
}

/** Where an antenna looks: into a zone, or at one side of a portal. */
export type AntennaLayout =
  | { readonly antenna: number; readonly zone: string }
  | { readonly antenna: number; readonly portal: string; readonly side: PortalSide };

export type PortalSide = 'inside' | 'outside';

/** How far the no-loss guarantee reaches for a device: QoS 1 and a buffer of its own, or less. */
export interface Delivery {
  readonly id: string;
  /** Where it publishes: at or below this; `+` stands for one level, as Sparkplug needs it. */
  readonly topic: string;
  readonly qos: 0 | 1;
  /** Keeps what was not acknowledged, across a lost connection. */
  readonly buffers: boolean;
}

export interface ReaderLayout extends Delivery {
  readonly family: 'impinj' | 'zebra';
  readonly antennas: readonly AntennaLayout[];
}

export interface ConveyorLayout {
  readonly id: string;
  readonly family: 'packml' | 'counter';
  readonly zone: string;
  readonly counters: readonly CounterLayout[];
}

export interface CounterLayout {
  readonly name: string;
  /** Highest value before the register wraps to zero; none: it never wraps. */
  readonly registerMax?: number;
  readonly startsAt: number;
}

export interface ClimateLayout extends Delivery {
  readonly family: 'zigbee2mqtt' | 'sparkplug';
  readonly sensors: readonly { readonly name: string; readonly zone: string }[];
}

/** Whether the guarantee covers what this device sends. */
export function isCovered(device: Delivery): boolean {
  return device.qos === 1 && device.buffers;
}

/** The key under which goods at one place are found. */
export function placeKey(of: AntennaLayout): string {
  return 'zone' in of ? zoneKey(of.zone) : portalKey(of.portal, of.side);
}

export function zoneKey(zone: string): string {
  return `zone:${zone}`;
}

export function portalKey(portal: string, side: PortalSide): string {
  return `portal:${portal}:${side}`;
}
