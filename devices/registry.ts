import { autoIdRfid } from './autoid/profile.ts';
import { chirpStack } from './chirpstack/profile.ts';
import { impinjR700 } from './impinj/profile.ts';
import { milesight } from './milesight/profile.ts';
import { packMl, plcCounter } from './plc/profile.ts';
import type { DeviceProfile } from './profile.ts';
import { ruuvi } from './ruuvi/profile.ts';
import { httpScanner, mqttScanner } from './scanner/profile.ts';
import { sparkplugB } from './sparkplug-b/profile.ts';
import { tasmota } from './tasmota/profile.ts';
import { zebraHandheld } from './zebra/handheld-profile.ts';
import { zebraIotc } from './zebra/profile.ts';
import { zigbee2mqtt } from './zigbee2mqtt/profile.ts';

const profiles: readonly DeviceProfile[] = [
  // RFID
  impinjR700,
  zebraIotc,
  zebraHandheld,
  // Barcodes
  httpScanner,
  mqttScanner,
  // PLC
  packMl,
  plcCounter,
  autoIdRfid,
  // Climate
  zigbee2mqtt,
  tasmota,
  chirpStack,
  milesight,
  ruuvi,
  sparkplugB,
];

/** Every device type that a gateway's config may name. Loading this loads no driver. */
export const deviceProfiles: ReadonlyMap<string, DeviceProfile> = new Map(
  profiles.map((profile) => [profile.id, profile]),
);

/** @returns undefined for an id that no family declares. */
export function profileOf(id: string): DeviceProfile | undefined {
  return deviceProfiles.get(id);
}
