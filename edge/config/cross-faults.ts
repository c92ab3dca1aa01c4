import { deviceProfiles } from '../../devices/registry.ts';
import type { DeviceProfile } from '../../devices/profile.ts';
import { isPublicKey } from '../identity/public-key.ts';
import type { ConfigFault } from '#contracts/config-fault.ts';
import { feedFaults } from './feed-faults.ts';
import type { DeviceConfig, GatewayConfig } from './gateway-config.ts';
import { mqttFaults } from './mqtt-faults.ts';
import { plcFaults } from './plc-faults.ts';
import type { Sound } from '#contracts/sound-part.ts';
import { topicFault } from './topic-fault.ts';

/** Looks a device type up by the name that configs use. */
export type ProfileLookup = (id: string) => DeviceProfile | undefined;

type SoundDevice = Sound<DeviceConfig>;
type SoundAntenna = Sound<NonNullable<DeviceConfig['antennas']>[number]>;

/** What is wrong between the fields of a config; those that are wrong by themselves are left out. */
export function crossFaults(config: Sound<GatewayConfig>, profileOf: ProfileLookup): ConfigFault[] {
  const { zones = [], portals = [], devices = [] } = config;
  const known: KnownPlaces = { zones: allIds(config.zones), portals: allIds(config.portals) };
  return [
    ...duplicates('/zones', 'id', idsOf(zones)),
    ...duplicates('/portals', 'id', idsOf(portals)),
    ...duplicates('/devices', 'id', idsOf(devices)),
    ...duplicates(
      '/devices',
      'mqtt/username',
      devices.map((device) => device?.mqtt?.username),
    ),
    ...duplicates(
      '/devices',
      'mqtt/certificate/commonName',
      devices.map((device) => device?.mqtt?.certificate?.commonName),
    ),
    ...duplicates(
      '/devices',
      'mqtt/certificate/sha256',
      devices.map((device) => device?.mqtt?.certificate?.sha256?.replaceAll(':', '').toLowerCase()),
    ),
    ...duplicates(
      '/devices',
      'http/tokenFile',
      devices.map((device) => device?.http?.tokenFile),
    ),
    ...zones.flatMap((zone, index) => [
      ...limitFaults(`/zones/${index}/temperature`, zone?.temperature),
      ...limitFaults(`/zones/${index}/humidity`, zone?.humidity),
    ]),
    ...portals.flatMap((portal, index) => [
      ...unknownIn(known.zones, 'zone', `/portals/${index}/zone`, portal?.zone),
      ...unknownIn(
        allIds(config.devices),
        'device',
        `/portals/${index}/counter/device`,
        portal?.counter?.device,
      ),
    ]),
    ...duplicates(
      '/items',
      'item',
      (config.items ?? []).map((policy) => policy?.item),
    ),
    ...devices.flatMap((device, index) => [
      ...referenceFaults(`/devices/${index}`, device ?? {}, known),
      ...transportFaults(`/devices/${index}`, device ?? {}, profileOf),
    ]),
    ...plcFaults(config),
    ...feedFaults(config.feed),
    ...mqttFaults(config),
    ...networkFaults(config),
  ];
}

interface KnownPlaces {
  /** Undefined where not all of them can be read: then nobody can say which one is missing. */
  readonly zones: ReadonlySet<string> | undefined;
  readonly portals: ReadonlySet<string> | undefined;
}

type Listed = readonly ({ readonly id?: string | undefined } | undefined)[];

function idsOf(list: Listed): (string | undefined)[] {
  return list.map((one) => one?.id);
}

function allIds(list: Listed | undefined): ReadonlySet<string> | undefined {
  const ids = list === undefined ? [undefined] : idsOf(list);
  const known = ids.filter((id) => id !== undefined);
  return known.length === ids.length ? new Set(known) : undefined;
}

function duplicates(
  list: string,
  key: string,
  values: readonly (string | undefined)[],
): ConfigFault[] {
  const firstAt = new Map<string, number>();
  return values.flatMap((value, index) => {
    if (value === undefined) return [];
    const first = firstAt.get(value);
    if (first === undefined) {
      firstAt.set(value, index);
      return [];
    }
    const path = `${list}/${index}/${key}`;
    const message = `is the same as ${list}/${first}/${key}`;
    return [{ path, value, message, remedy: 'Give each one a value of its own.' }];
  });
}

function limitFaults(
  path: string,
  limits: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined,
): ConfigFault[] {
  if (limits?.min === undefined || limits.max === undefined || limits.min <= limits.max) return [];
  return [
    { path, value: limits, message: 'has min above max', remedy: 'Exchange or correct them.' },
  ];
}

function unknownIn(
  known: ReadonlySet<string> | undefined,
  what: string,
  path: string,
  value: string | undefined,
): ConfigFault[] {
  if (value === undefined || known === undefined || known.has(value)) return [];
  const remedy = `Add ${what} ${value} under ${what}s, or use one of: ${[...known].join(', ')}.`;
  return [{ path, value, message: `names no ${what} of this gateway`, remedy }];
}

function referenceFaults(
  path: string,
  device: SoundDevice,
  { zones, portals }: KnownPlaces,
): ConfigFault[] {
  const { antennas = [], sensors = [] } = device;
  return [
    ...unknownIn(zones, 'zone', `${path}/zone`, device.zone),
    ...duplicates(
      `${path}/antennas`,
      'antenna',
      antennas.map((one) => (one?.antenna === undefined ? undefined : String(one.antenna))),
    ),
    ...duplicates(
      `${path}/sensors`,
      'name',
      sensors.map((one) => one?.name),
    ),
    ...sensors.flatMap((sensor, index) =>
      unknownIn(zones, 'zone', `${path}/sensors/${index}/zone`, sensor?.zone),
    ),
    ...antennas.flatMap((antenna, index) => {
      const at = `${path}/antennas/${index}`;
      return [
        ...unknownIn(zones, 'zone', `${at}/zone`, antenna?.zone),
        ...unknownIn(portals, 'portal', `${at}/portal`, antenna?.portal),
        ...(antenna === undefined ? [] : placeFaults(at, antenna)),
      ];
    }),
  ];
}

function placeFaults(path: string, antenna: SoundAntenna): ConfigFault[] {
  if (antenna.portal !== undefined && antenna.side === undefined) {
    const remedy = 'Add side: inside or side: outside.';
    return [{ path, value: antenna, message: 'looks at a portal from no side', remedy }];
  }
  if (antenna.portal === undefined && antenna.zone === undefined) {
    const remedy = 'Add zone, or portal and side.';
    return [{ path, value: antenna, message: 'looks at no zone and no portal', remedy }];
  }
  return [];
}

function transportFaults(
  path: string,
  device: SoundDevice,
  profileOf: ProfileLookup,
): ConfigFault[] {
  const topic = device.mqtt?.topic;
  return [
    ...profileFaults(path, device, profileOf),
    ...(topic === undefined ? [] : topicFault(`${path}/mqtt/topic`, topic)),
    ...halfSignInFaults(`${path}/opcua`, device.opcua),
  ];
}

const transports = ['mqtt', 'opcua', 'http'] as const;

function profileFaults(path: string, device: SoundDevice, profileOf: ProfileLookup): ConfigFault[] {
  if (device.profile === undefined) return [];
  const profile = profileOf(device.profile);
  if (profile === undefined) {
    const message = 'names no device type of this release';
    const remedy = `Use one of: ${[...deviceProfiles.keys()].join(', ')}.`;
    return [{ path: `${path}/profile`, value: device.profile, message, remedy }];
  }
  const faults: ConfigFault[] = [];
  const { transport, label } = profile;
  if (device[transport] === undefined) {
    const message = `is missing, and ${label} speaks it`;
    faults.push({ path: `${path}/${transport}`, value: undefined, message, remedy: 'Add it.' });
  }
  for (const other of transports) {
    if (other === transport || device[other] === undefined) continue;
    const message = `is there, but ${label} does not speak it`;
    faults.push({ path: `${path}/${other}`, value: undefined, message, remedy: 'Remove it.' });
  }
  return faults;
}

function halfSignInFaults(path: string, opcua: SoundDevice['opcua']): ConfigFault[] {
  if (opcua === undefined) return [];
  const { username, passwordFile } = opcua;
  if ((username === undefined) === (passwordFile === undefined)) return [];
  const message = 'has one of username and passwordFile, not both';
  return [{ path, value: username ?? passwordFile, message, remedy: 'Add the other.' }];
}

function networkFaults({ hub }: Sound<GatewayConfig>): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const publicKey = hub?.publicKey;
  if (publicKey !== undefined && !isPublicKey(publicKey)) {
    faults.push({
      path: '/hub/publicKey',
      value: publicKey,
      message: 'is not base64 of a raw 32-byte Ed25519 key',
      remedy: 'Copy it from the hub: it has 44 characters.',
    });
  }
  return faults;
}
