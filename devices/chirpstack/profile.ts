import type { RecentKeys } from '../climate/recent-keys.ts';
import type { DeviceProfile } from '../profile.ts';
import { decodeChirpStack } from './decode-chirpstack.ts';
import { readObject } from './read-object.ts';

/**
 * LoRaWAN climate sensors whose payload ChirpStack (v3 or v4) decodes itself. The natural key of an
 * event is v4's deduplicationId, or v3's frame counter with the time of reception.
 */
export const chirpStack: DeviceProfile = {
  id: 'chirpstack',
  label: 'LoRaWAN climate sensors (ChirpStack, decoded there)',
  transport: 'mqtt',
  naturalKey: 'message-id',
  initialState: {},
  decode: (state, message) => decodeChirpStack(state as RecentKeys, message, readObject),
};
