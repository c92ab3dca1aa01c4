import type { RecentKeys } from '../climate/recent-keys.ts';
import type { DeviceProfile } from '../profile.ts';
import { decodeRuuvi } from './decode-ruuvi.ts';

/**
 * RuuviTags behind a Ruuvi Gateway. A measurement's natural key is the tag's address and sequence
 * number, which comes round after 65,535 measurements.
 */
export const ruuvi: DeviceProfile = {
  id: 'ruuvi',
  label: 'RuuviTag climate sensors (Ruuvi Gateway)',
  transport: 'mqtt',
  naturalKey: 'sequence',
  initialState: {},
  decode: (state, message) => decodeRuuvi(state as RecentKeys, message),
};
