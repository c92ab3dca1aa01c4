import { sparkplugB } from './climate/sparkplug-profile.ts';
import { zigbee2mqtt } from './climate/zigbee2mqtt-profile.ts';
import { impinjR700 } from './impinj/profile.ts';
import { packMl, plcCounter } from './plc/profile.ts';
import type { DeviceProfile } from './profile.ts';
import { zebraIotc } from './zebra/profile.ts';

/** Every device type that a gateway's config may name. Loading this loads no driver. */
export const deviceProfiles: ReadonlyMap<string, DeviceProfile> = new Map(
  [impinjR700, zebraIotc, packMl, plcCounter, zigbee2mqtt, sparkplugB].map((profile) => [
    profile.id,
    profile,
  ]),
);

/** @returns undefined for an id that no family declares. */
export function profileOf(id: string): DeviceProfile | undefined {
  return deviceProfiles.get(id);
}
