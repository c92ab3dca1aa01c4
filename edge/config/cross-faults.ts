import { deviceProfiles } from '../../devices/registry.ts';
import type { DeviceProfile } from '../../devices/profile.ts';
import { sparkplugB } from '../../devices/sparkplug-b/profile.ts';
import { isPublicKey } from '../identity/public-key.ts';
import type { ConfigFault } from '#contracts/config-fault.ts';
import { feedFaults } from './feed-faults.ts';
import type { DeviceConfig, GatewayConfig } from './gateway-config.ts';
import { mqttFaults } from './mqtt-faults.ts';
import { plcFaults } from './plc-faults.ts';
import { proxyFaults } from './proxy-faults.ts';
import type { Sound } from '#contracts/sound-part.ts';
import { sparkplugTopicFault, topicFault } from './topic-fault.ts';

/** Looks a device type up by the name that configs use. */
export type ProfileLookup = (id: string) => DeviceProfile | undefined;

type SoundDevice = Sound<DeviceConfig>;
type SoundAntenna = Sound<NonNullable<DeviceConfig['antennas']>[number]>;

/** What is wrong between the fields of a config; those that are wrong by themselves are left out. */
export function crossFaults(config: Sound<GatewayConfig>, profileOf: ProfileLookup): ConfigFault[] {
  const { zones = [], portals = [], devices = [] } = config;
  const known: KnownPlaces = {
    zones: allIds(config.zones),
    elsewhere: elsewhereIn(config),
    portals: allIds(config.portals),
  };
  return [
    ...duplicates('/zones', 'id', idsOf(zones)),
    ...ownNothing(config, known),
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
    ...zones.flatMap((zone, index) => zoneFaults(config, `/zones/${index}`, zone)),
    ...portals.flatMap((portal, index) => [
      ...noOwnZone(known, `/portals/${index}/zone`, portal?.zone),
      ...ownDoor(config, `/portals/${index}/leadsTo`, portal?.leadsTo),
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
  /** Zones of other gateways of the site → whose. */
  readonly elsewhere: ReadonlyMap<string, string>;
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

type SoundZone = NonNullable<Sound<GatewayConfig>['zones']>[number];

function zoneFaults(config: Sound<GatewayConfig>, path: string, zone: SoundZone): ConfigFault[] {
  return [
    ...siteFaults(config, path, zone),
    ...limitFaults(`${path}/temperature`, zone?.temperature),
    ...limitFaults(`${path}/humidity`, zone?.humidity),
  ];
}

/** A zone of another site is another gateway's, whichever it is. */
function siteFaults(
  { gateway }: Sound<GatewayConfig>,
  path: string,
  zone: SoundZone,
): ConfigFault[] {
  const site = zone?.site;
  if (site === undefined || site === gateway?.site || zone?.gateway !== undefined) return [];
  const message = `is at site ${site}, and no gateway of it is named`;
  return [{ path: `${path}/gateway`, value: undefined, message, remedy: 'Name its gateway.' }];
}

/** A door between gateways has another one on its other side. */
function ownDoor(
  { gateway }: Sound<GatewayConfig>,
  path: string,
  value: string | undefined,
): ConfigFault[] {
  if (value === undefined || value !== gateway?.id) return [];
  const message = 'is this gateway itself';
  const remedy = 'Name the gateway on the other side, or leave it out.';
  return [{ path, value, message, remedy }];
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

function elsewhereIn({ gateway, zones = [] }: Sound<GatewayConfig>): ReadonlyMap<string, string> {
  return new Map(
    zones.flatMap((zone) => {
      const { gateway: owner, id } = zone ?? {};
      const isOwn = owner === undefined || owner === gateway?.id;
      return id === undefined || isOwn ? [] : [[id, owner]];
    }),
  );
}

/** What is read or passes in a zone is posted there, and only its owner may. */
function noOwnZone(
  { elsewhere, zones }: KnownPlaces,
  path: string,
  value: string | undefined,
): ConfigFault[] {
  const owner = value === undefined ? undefined : elsewhere.get(value);
  if (owner === undefined) return unknownIn(zones, 'zone', path, value);
  const message = `is a zone of gateway ${owner}, whose journal alone posts there`;
  return [
    { path, value, message, remedy: `Use a zone of this gateway, or connect it to ${owner}.` },
  ];
}

function referenceFaults(path: string, device: SoundDevice, known: KnownPlaces): ConfigFault[] {
  const { portals } = known;
  const { antennas = [], sensors = [] } = device;
  return [
    ...noOwnZone(known, `${path}/zone`, device.zone),
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
      noOwnZone(known, `${path}/sensors/${index}/zone`, sensor?.zone),
    ),
    ...antennas.flatMap((antenna, index) => {
      const at = `${path}/antennas/${index}`;
      return [
        ...noOwnZone(known, `${at}/zone`, antenna?.zone),
        ...unknownIn(portals, 'portal', `${at}/portal`, antenna?.portal),
        ...(antenna === undefined ? [] : placeFaults(at, antenna)),
      ];
    }),
  ];
}

function ownNothing(
  { gateway, zones = [] }: Sound<GatewayConfig>,
  { elsewhere }: KnownPlaces,
): ConfigFault[] {
  if (gateway?.id === undefined || zones.length === 0 || elsewhere.size < zones.length) return [];
  const message = `has no zone of this gateway, ${gateway.id}`;
  return [{ path: '/zones', value: undefined, message, remedy: 'Add one without `gateway`.' }];
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
    ...topicFaults(`${path}/mqtt/topic`, device, topic),
    ...halfSignInFaults(`${path}/opcua`, device.opcua),
  ];
}

function topicFaults(
  path: string,
  { mqtt, profile }: SoundDevice,
  topic: string | undefined,
): ConfigFault[] {
  const faults = topic === undefined ? [] : topicFault(path, topic);
  if (faults.length > 0 || mqtt === undefined || profile !== sparkplugB.id) return faults;
  return sparkplugTopicFault(path, topic);
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

function networkFaults(config: Sound<GatewayConfig>): ConfigFault[] {
  const faults = proxyFaults(config);
  const publicKey = config.hub?.publicKey;
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
