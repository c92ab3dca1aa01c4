import Type from 'typebox';
import type { Static } from 'typebox';
import { stockStatus } from '#contracts/posting.ts';
import { faultsOf } from '#contracts/validate.ts';
import type {
  AntennaLayout,
  ClimateLayout,
  ReaderLayout,
  SiteLayout,
  ZoneLayout,
} from './site-layout.ts';

/** The parts of a gateway's config file that a world can be built from; the rest is not looked at. */
const text = Type.String({ minLength: 1 });
const device = Type.Object({
  id: text,
  profile: text,
  antennas: Type.Optional(
    Type.Array(
      Type.Object({
        antenna: Type.Integer(),
        zone: Type.Optional(text),
        portal: Type.Optional(text),
        side: Type.Optional(Type.Enum(['inside', 'outside'])),
      }),
    ),
  ),
  sensors: Type.Optional(Type.Array(Type.Object({ name: text, zone: text }))),
  mqtt: Type.Optional(
    Type.Object({ topic: Type.Optional(text), username: text, passwordFile: text }),
  ),
  buffers: Type.Boolean(),
});
const gatewayFile = Type.Object({
  gateway: Type.Object({ site: text, id: text }),
  mqtt: Type.Object({ host: text, port: Type.Integer({ minimum: 1, maximum: 65_535 }) }),
  zones: Type.Array(
    Type.Object({
      id: text,
      status: stockStatus,
      temperature: Type.Optional(
        Type.Object({ min: Type.Optional(Type.Number()), max: Type.Optional(Type.Number()) }),
      ),
    }),
  ),
  portals: Type.Array(Type.Object({ id: text, zone: text })),
  devices: Type.Array(device),
});
export type GatewayFile = Static<typeof gatewayFile>;
type DeviceFile = GatewayFile['devices'][number];

/** Checks that a config file says what a world needs. @returns every fault, in words. */
export function readGatewayFile(
  value: unknown,
):
  | { readonly ok: true; readonly file: GatewayFile }
  | { readonly ok: false; readonly faults: string[] } {
  const faults = faultsOf(gatewayFile, value).map(
    ({ path, message }) => `${path || '/'} ${message}`,
  );
  return faults.length > 0 ? { ok: false, faults } : { ok: true, file: value as GatewayFile };
}

/**
 * The warehouse that a gateway's config describes. Devices that the simulators do not speak for,
 * conveyors among them, are left alone.
 */
export function siteFromConfig(file: GatewayFile): SiteLayout {
  const staging = new Set(
    file.zones.filter(({ status }) => status === 'shipping').map(({ id }) => id),
  );
  return {
    site: file.gateway.site,
    gateway: file.gateway.id,
    zones: file.zones.map(zoneOf),
    portals: file.portals.map(({ id, zone }) => ({
      id,
      zone,
      flow: staging.has(zone) ? 'out' : 'in',
    })),
    readers: file.devices.flatMap(readerOf),
    conveyors: [],
    climate: file.devices.flatMap(climateOf),
  };
}

function zoneOf({ id, status, temperature }: GatewayFile['zones'][number]): ZoneLayout {
  const role = status === 'receiving' ? 'dock' : status === 'shipping' ? 'staging' : 'store';
  const { min, max } = temperature ?? {};
  const limits = min === undefined || max === undefined ? {} : { temperature: { min, max } };
  return { id, role, status, ...limits };
}

const readerFamilies = { 'impinj-r700': 'impinj', 'zebra-iotc': 'zebra' } as const;
const climateFamilies = { zigbee2mqtt: 'zigbee2mqtt', 'sparkplug-b': 'sparkplug' } as const;

function readerOf(of: DeviceFile): ReaderLayout[] {
  const family = Object.entries(readerFamilies).find(([profile]) => profile === of.profile)?.[1];
  if (family === undefined || of.mqtt === undefined) return [];
  const antennas = (of.antennas ?? []).flatMap(antennaOf);
  return [
    { id: of.id, topic: of.mqtt.topic ?? of.id, qos: 1, buffers: of.buffers, family, antennas },
  ];
}

function antennaOf(of: NonNullable<DeviceFile['antennas']>[number]): AntennaLayout[] {
  const { antenna, zone, portal, side } = of;
  if (portal !== undefined && side !== undefined) return [{ antenna, portal, side }];
  return zone === undefined ? [] : [{ antenna, zone }];
}

function climateOf(of: DeviceFile): ClimateLayout[] {
  const family = Object.entries(climateFamilies).find(([profile]) => profile === of.profile)?.[1];
  if (family === undefined || of.mqtt === undefined) return [];
  const { id, buffers, sensors = [], mqtt } = of;
  const qos = family === 'sparkplug' ? 0 : 1;
  return [{ id, topic: mqtt.topic ?? id, qos, buffers, family, sensors }];
}
