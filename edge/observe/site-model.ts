import type { climateMeasures } from '#contracts/kinds/climate-kinds.ts';
import type { StockStatus } from '#contracts/posting.ts';
import type { DeviceProfile } from '../../devices/profile.ts';
import type {
  SiteConfig,
  SiteDevice,
  SiteLimits,
  ZoneElsewhere,
} from '../config/gateway-config.ts';
import { itemRulesOf, type ItemRules } from '../stock/item-rules.ts';
import type { PortalSide } from './portal-pass.ts';

/** A site configuration, arranged for looking things up. Derived from the config alone. */
export interface SiteModel {
  /** The site's own name. */
  readonly id: string;
  readonly gateway: string;
  /** Zones of other gateways, which goods can be sent to, and whose they are. */
  readonly elsewhere: ReadonlyMap<string, ZoneElsewhere>;
  /** Portal → the gateway on its other side. */
  readonly portalsTo: ReadonlyMap<string, string>;
  readonly observe: SiteConfig['observe'];
  readonly posting: SiteConfig['posting'];
  readonly zones: ReadonlyMap<string, ZoneModel>;
  /** Portal → the zone that goods enter through it. */
  readonly portals: ReadonlyMap<string, string>;
  readonly items: ItemRules;
  /** `device/counter` → the portal whose pieces it counts. */
  readonly countedPortals: ReadonlyMap<string, CountedPortal>;
  /** In order of their ids. */
  readonly devices: ReadonlyMap<string, DeviceModel>;
}

interface ZoneModel {
  readonly status: StockStatus;
  readonly limits: Readonly<Partial<Record<ClimateMeasure, SiteLimits>>>;
  /** An excursion of this length puts its perishable goods on hold. */
  readonly holdAfterMs?: number;
}

interface CountedPortal {
  readonly portal: string;
  /** Whether it counts tagged items, or the handling units they come in. */
  readonly counts: 'items' | 'units';
}

export type ClimateMeasure = (typeof climateMeasures)[number];

export interface DeviceModel {
  readonly id: string;
  readonly profileId: string;
  /** Undefined for a profile that this version does not have. */
  readonly profile: DeviceProfile | undefined;
  readonly zone: string | undefined;
  /** Its own zone, and those of its antennas, their portals and its sensors: each once, as configured. */
  readonly zones: readonly string[];
  readonly buffers: boolean;
  readonly silentAfterMs: number;
  readonly antennas: ReadonlyMap<number, AntennaModel>;
  /** Where a read without a known antenna counts, if anywhere. */
  readonly anywhere: AntennaModel | undefined;
  readonly sensors: ReadonlyMap<string, string>;
  readonly registerMax: ReadonlyMap<string, number>;
  /** State tag → what its numbers mean here. */
  readonly states: ReadonlyMap<string, ReadonlyMap<number, string>>;
  /** Alarm tags and event sources → what the machine itself does not say of an alarm. */
  readonly alarms: ReadonlyMap<string, AlarmModel>;
  /** How many tags and event sources of it are watched; 0 for a device that speaks by itself. */
  readonly channels: number;
}

interface AlarmModel {
  readonly severity: number | undefined;
  readonly text: string | undefined;
}

interface AntennaModel {
  readonly zone: string | undefined;
  readonly portal: string | undefined;
  readonly side: PortalSide | undefined;
}

export type ProfileOf = (id: string) => DeviceProfile | undefined;

export function siteModelOf(config: SiteConfig, profileOf: ProfileOf): SiteModel {
  const devices = config.devices.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    id: config.gateway.site,
    gateway: config.gateway.id,
    elsewhere: new Map((config.elsewhere ?? []).map((zone) => [zone.id, zone])),
    portalsTo: new Map(
      config.portals.flatMap(({ id, leadsTo }) => (leadsTo === undefined ? [] : [[id, leadsTo]])),
    ),
    observe: config.observe,
    posting: config.posting,
    zones: new Map(config.zones.map((zone) => [zone.id, zoneModelOf(zone)])),
    portals: new Map(config.portals.map(({ id, zone }) => [id, zone])),
    items: itemRulesOf(config),
    countedPortals: new Map(
      config.portals.flatMap(({ id, counter: of }) =>
        of === undefined ? [] : [[`${of.device}/${of.counter}`, { portal: id, counts: of.counts }]],
      ),
    ),
    devices: new Map(
      devices.map((device) => [device.id, deviceModelOf(device, config.portals, profileOf)]),
    ),
  };
}

/** Where a climate sensor stands: the one that is named, else the device's own zone. */
export function sensorZone(device: DeviceModel, sensor: string | undefined): string | undefined {
  return (sensor === undefined ? undefined : device.sensors.get(sensor)) ?? device.zone;
}

function zoneModelOf(zone: SiteConfig['zones'][number]): ZoneModel {
  const { holdAfterMs, status, temperatureMilliC, humidityPermille } = zone;
  return {
    status,
    ...(holdAfterMs === undefined ? {} : { holdAfterMs }),
    limits: {
      ...(temperatureMilliC === undefined ? {} : { temperature: temperatureMilliC }),
      ...(humidityPermille === undefined ? {} : { humidity: humidityPermille }),
    },
  };
}

const silentAlarm: AlarmModel = { severity: undefined, text: undefined };

function deviceModelOf(
  device: SiteDevice,
  portals: SiteConfig['portals'],
  profileOf: ProfileOf,
): DeviceModel {
  const { id, zone, antennas = [], eventChannels = [], sensors = [], tags = [] } = device;
  return {
    id,
    profileId: device.profile,
    profile: profileOf(device.profile),
    zone,
    zones: zonesOf(device, portals),
    buffers: device.buffers,
    silentAfterMs: device.silentAfterMs,
    antennas: new Map(
      antennas.map((at) => [
        at.antenna,
        { zone: at.portal === undefined ? (at.zone ?? zone) : at.zone, ...portalSideOf(at) },
      ]),
    ),
    anywhere: zone === undefined ? undefined : { zone, portal: undefined, side: undefined },
    sensors: new Map(sensors.map((sensor) => [sensor.name, sensor.zone])),
    registerMax: new Map(
      tags.flatMap((tag) => (tag.registerMax === undefined ? [] : [[tag.name, tag.registerMax]])),
    ),
    states: new Map(
      tags.flatMap(({ name, states = [] }) =>
        states.length === 0
          ? []
          : [[name, new Map(states.map(({ value, state }) => [value, state]))] as const],
      ),
    ),
    alarms: new Map([
      ...eventChannels.map((channel) => [channel, silentAlarm] as const),
      ...tags
        .filter(({ role }) => role === 'alarm')
        .map(({ name, severity, text }) => [name, { severity, text }] as const),
    ]),
    channels: tags.length + eventChannels.length,
  };
}

function zonesOf(
  { zone, antennas = [], sensors = [] }: SiteDevice,
  portals: SiteConfig['portals'],
): string[] {
  const found = [
    zone,
    ...antennas.map((at) => at.zone ?? portals.find(({ id }) => id === at.portal)?.zone),
    ...sensors.map((sensor) => sensor.zone),
  ];
  return [...new Set(found.filter((each) => each !== undefined))];
}

function portalSideOf(at: { portal?: string; side?: PortalSide }): {
  portal: string | undefined;
  side: PortalSide | undefined;
} {
  return { portal: at.portal, side: at.side };
}
