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
  readonly scanners: readonly ScannerLayout[];
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
  /**
   * Where it publishes: at or below this; `+` stands for one level, as Sparkplug needs it. Nothing
   * where the device speaks no MQTT.
   */
  readonly topic: string;
  /** 1: it is answered for each message, by PUBACK or by HTTP status. */
  readonly qos: 0 | 1;
  /** Keeps what was not acknowledged, across a lost connection. */
  readonly buffers: boolean;
}

/** Devices are named by the profile of the gateway that reads them. */
export interface ReaderLayout extends Delivery {
  readonly profile: 'impinj-r700' | 'zebra-iotc' | 'zebra-rfd' | 'autoid-rfid';
  /** A handheld has one, which its messages do not name. */
  readonly antennas: readonly AntennaLayout[];
  /** A photo eye on input 1 that looks across this portal. */
  readonly photoEye?: string;
  /** Somebody scans barcodes with it, in this zone. */
  readonly scansIn?: string;
}

export interface ConveyorLayout {
  readonly id: string;
  readonly profile: 'packml' | 'plc-counter';
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
  readonly profile:
    | 'zigbee2mqtt'
    | 'tasmota'
    | 'chirpstack'
    | 'milesight'
    | 'ruuvi'
    | 'sparkplug-b';
  /** Of the network server, where sensors hang behind one. */
  readonly version?: 3 | 4;
  readonly everyMs: number;
  readonly sensors: readonly { readonly name: string; readonly zone: string }[];
}

export interface ScannerLayout extends Delivery {
  readonly profile: 'mqtt-scanner' | 'http-scanner';
  readonly zone: string;
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
