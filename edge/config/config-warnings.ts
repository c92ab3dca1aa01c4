import { gtinOf } from '../../devices/gs1/bare-gtin.ts';
import type { ConfigFault } from '#contracts/config-fault.ts';
import type { ProfileLookup } from './cross-faults.ts';
import type { DeviceConfig, GatewayConfig } from './gateway-config.ts';
import { tagsOfPlc } from './plc-template.ts';
import { hubWarnings, reachWarnings, tlsWarnings } from './reach-warnings.ts';

/**
 * What a config may say, but hardly means to: it starts, and something will not work as thought.
 *
 * @param nowMs what the dates of certificates are compared with
 */
export function configWarnings(
  config: GatewayConfig,
  profileOf: ProfileLookup,
  nowMs: number,
): ConfigFault[] {
  return [
    ...zoneWarnings(config),
    ...portalWarnings(config),
    ...config.devices.flatMap((device, index) =>
      placeWarnings(`/devices/${index}`, device, profileOf),
    ),
    ...templateWarnings(config),
    ...itemWarnings(config),
    ...reachWarnings(config),
    ...hubWarnings(config),
    ...tlsWarnings(config, nowMs),
  ];
}

function warning(path: string, value: unknown, message: string, remedy: string): ConfigFault {
  return { path, value, message, remedy };
}

/** Where anything of a device is said to stand. */
function placesOf({ zone, antennas = [], sensors = [] }: DeviceConfig): string[] {
  const places = [zone, ...antennas.map((one) => one.zone), ...sensors.map((one) => one.zone)];
  return places.filter((place) => place !== undefined);
}

function zoneWarnings({ gateway, zones, portals, devices }: GatewayConfig): ConfigFault[] {
  const watched = new Set(devices.flatMap(placesOf));
  const entered = new Set(portals.map(({ zone }) => zone));
  return zones.flatMap(({ gateway: owner, id, temperature, humidity }, index) => {
    const path = `/zones/${index}`;
    if (owner !== undefined && owner !== gateway.id) {
      if ((temperature ?? humidity) === undefined) return [];
      const message = `has climate limits, which ${owner} watches and not this gateway`;
      return [warning(path, id, message, `Say them in the config of ${owner}.`)];
    }
    if (!watched.has(id) && !entered.has(id)) {
      const remedy = 'Name it at a device, antenna, sensor or portal, unless only people use it.';
      return [warning(path, id, 'is named by no device and no portal', remedy)];
    }
    if ((temperature ?? humidity) === undefined || watched.has(id)) return [];
    const remedy = 'Name it as the zone of a sensor.';
    return [warning(path, id, 'has climate limits, and no device stands in it', remedy)];
  });
}

function portalWarnings({ portals, devices, plcTemplates }: GatewayConfig): ConfigFault[] {
  const antennas = devices.flatMap(({ antennas: of = [] }) => of);
  return portals.flatMap(({ id, counter }, index) => {
    const path = `/portals/${index}`;
    const sides = new Set(antennas.filter(({ portal }) => portal === id).map(({ side }) => side));
    const found: ConfigFault[] = [];
    if (sides.size === 0) {
      const remedy = 'Add antennas with portal and side, or remove it.';
      found.push(warning(path, id, 'is looked at by no antenna', remedy));
    } else if (sides.size === 1) {
      const message = `has antennas on its ${[...sides][0]} alone, so that directions are guesses`;
      found.push(warning(path, id, message, 'Add an antenna on the other side.'));
    }
    const plc = devices.find((device) => device.id === counter?.device);
    if (counter === undefined || plc?.opcua === undefined) return found;
    const names = tagsOfPlc(plc.opcua, plcTemplates)
      .filter(({ role }) => role === 'counter')
      .map(({ name }) => name);
    // The elements of an array are counters of their own, named after their tag.
    if (names.some((name) => counter.counter.startsWith(name))) return found;
    const remedy = `Use one of: ${names.join(', ') || 'none, the device has no counter tag'}.`;
    const message = `counts by a tag that ${plc.id} does not have`;
    return [...found, warning(`${path}/counter/counter`, counter.counter, message, remedy)];
  });
}

/** A PLC counts by its own name; whatever is read or measured happens somewhere. */
function placeWarnings(
  path: string,
  device: DeviceConfig,
  profileOf: ProfileLookup,
): ConfigFault[] {
  const { antennas = [], id, sensors = [], zone } = device;
  const isPlaced = zone !== undefined || antennas.length + sensors.length > 0;
  const hasTags = [device.opcua?.tags, device.opcua?.lines].some((one) => (one?.length ?? 0) > 0);
  const isMachine = hasTags || device.opcua?.alarms !== undefined;
  if (isPlaced || isMachine || profileOf(device.profile) === undefined) return [];
  const message = 'has no zone, no antennas and no sensors: its readings count nowhere';
  return [warning(path, id, message, 'Add zone, or say where its antennas or sensors are.')];
}

function templateWarnings({ devices, plcTemplates = [] }: GatewayConfig): ConfigFault[] {
  const used = new Set(
    devices.flatMap(({ opcua }) => (opcua?.lines ?? []).map(({ template }) => template)),
  );
  return plcTemplates.flatMap(({ id }, index) =>
    used.has(id)
      ? []
      : [
          warning(
            `/plcTemplates/${index}`,
            id,
            'is used by no line of a PLC',
            'Remove it, or add lines.',
          ),
        ],
  );
}

/** Listed, it is taken as a number of the site's own: what the reader of its label says is another. */
function itemWarnings({ items = [] }: GatewayConfig): ConfigFault[] {
  return items.flatMap(({ item }, index) => {
    const gtin = gtinOf(item);
    if (gtin === undefined || gtin === item) return [];
    const message = 'is a number of its own, and looks like a GTIN, which has 14 digits here';
    const remedy = `Write ${gtin} if tags and barcodes of this item are read.`;
    return [warning(`/items/${index}/item`, item, message, remedy)];
  });
}
