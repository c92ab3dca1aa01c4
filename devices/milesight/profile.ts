import { decodeChirpStack } from '../chirpstack/decode-chirpstack.ts';
import type { RecentKeys } from '../climate/recent-keys.ts';
import type { DeviceProfile } from '../profile.ts';
import { readUplink } from './read-uplink.ts';

/**
 * Milesight LoRaWAN sensors, their bytes carried by ChirpStack (v3 or v4), with or without a codec
 * there. The natural key is that of the event; of a record of the past it is its time.
 */
export const milesight: DeviceProfile = {
  id: 'milesight',
  label: 'Milesight climate sensors (LoRaWAN, ChirpStack)',
  transport: 'mqtt',
  naturalKey: 'message-id',
  initialState: {},
  decode: (state, message) => decodeChirpStack(state as RecentKeys, message, readUplink),
};
