import Type from 'typebox';
import type { Static } from 'typebox';
import { stockStatus } from '#contracts/posting.ts';
import { faultsOf } from '#contracts/validate.ts';
import type {
  AntennaLayout,
  ClimateLayout,
  ReaderLayout,
  ScannerLayout,
  SiteLayout,
  ZoneLayout,
} from './site-layout.ts';

/** The parts of a gateway's config file that a world can be built from; the rest is not looked at. */
const text = Type.String({ minLength: 1 });
const device = Type.Object({
  id: text,
  profile: text,
  zone: Type.Optional(text),
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
  http: Type.Optional(Type.Object({ tokenFile: text })),
  buffers: Type.Boolean(),
});
const address = Type.Object({ host: text, port: Type.Integer({ minimum: 1, maximum: 65_535 }) });
const gatewayFile = Type.Object({
  gateway: Type.Object({ site: text, id: text }),
  mqtt: address,
  http: address,
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
 * The warehouse that a gateway's config describes. Devices that the gateway itself goes to (over OPC
 * UA: conveyors, AutoID readers) are left alone: they are elsewhere.
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
    scanners: file.devices.flatMap((of) => scannerOf(of, file.zones[0]?.id ?? '')),
  };
}

function zoneOf({ id, status, temperature }: GatewayFile['zones'][number]): ZoneLayout {
  const role = status === 'receiving' ? 'dock' : status === 'shipping' ? 'staging' : 'store';
  const { min, max } = temperature ?? {};
  const limits = min === undefined || max === undefined ? {} : { temperature: { min, max } };
  return { id, role, status, ...limits };
}

function readerOf(of: DeviceFile): ReaderLayout[] {
  const { buffers, id, mqtt, profile, zone } = of;
  if (mqtt === undefined) return [];
  const common = { id, topic: topicOf(id, mqtt.topic), qos: 1, buffers } as const;
  if (profile === 'zebra-rfd') {
    if (zone === undefined) return [];
    return [{ ...common, profile, antennas: [{ antenna: 1, zone }], scansIn: zone }];
  }
  if (profile !== 'impinj-r700' && profile !== 'zebra-iotc') return [];
  const antennas = (of.antennas ?? []).flatMap(antennaOf);
  const door = antennas.find((antenna) => 'portal' in antenna)?.portal;
  return [{ ...common, profile, antennas, ...(door === undefined ? {} : { photoEye: door }) }];
}

function antennaOf(of: NonNullable<DeviceFile['antennas']>[number]): AntennaLayout[] {
  const { antenna, zone, portal, side } = of;
  if (portal !== undefined && side !== undefined) return [{ antenna, portal, side }];
  return zone === undefined ? [] : [{ antenna, zone }];
}

/** What a sensor is called where the config leaves that to the device. */
const sensorNames: Readonly<Record<ClimateLayout['profile'], string>> = {
  zigbee2mqtt: 'sensor',
  tasmota: 'AM2301',
  chirpstack: '24e124136b502217',
  milesight: '24e124136b502218',
  ruuvi: 'CB:B8:33:4C:88:4F',
  'sparkplug-b': 'probe',
};
const oftenMs = 2000;
const seldomMs = 4000;

function climateOf({ buffers, id, mqtt, profile, sensors, zone }: DeviceFile): ClimateLayout[] {
  if (mqtt === undefined || !isClimate(profile)) return [];
  const isSparkplug = profile === 'sparkplug-b';
  const own = zone === undefined ? [] : [{ name: sensorNames[profile], zone }];
  return [
    {
      id,
      // What stands for one level there is the type of the message.
      topic: isSparkplug ? (mqtt.topic ?? id) : topicOf(id, mqtt.topic),
      qos: isSparkplug || profile === 'tasmota' ? 0 : 1,
      buffers,
      profile,
      everyMs: isSparkplug || profile === 'zigbee2mqtt' ? oftenMs : seldomMs,
      sensors: sensors ?? own,
    },
  ];
}

function isClimate(profile: string): profile is ClimateLayout['profile'] {
  return Object.hasOwn(sensorNames, profile);
}

function scannerOf(of: DeviceFile, anyZone: string): ScannerLayout[] {
  const { buffers, http, id, mqtt, profile, zone = anyZone } = of;
  const common = { id, qos: 1, buffers, zone } as const;
  if (profile === 'http-scanner' && http !== undefined) {
    return [{ ...common, profile, topic: '' }];
  }
  if (profile !== 'mqtt-scanner' || mqtt === undefined) return [];
  return [{ ...common, profile, topic: topicOf(id, mqtt.topic) }];
}

/** Where a topic stands for several senders, this is one of them. */
function topicOf(id: string, topic = id): string {
  return topic.replaceAll('+', 'simulated');
}
