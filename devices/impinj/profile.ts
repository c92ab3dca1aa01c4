import type { DeviceProfile } from '../profile.ts';
import { decodeImpinj } from './decode-impinj.ts';

/**
 * Impinj R700 over MQTT. Its events carry no number, so nothing tells a re-delivered one from a
 * new one: they may drive presence and the levels of inputs only.
 */
export const impinjR700: DeviceProfile = {
  id: 'impinj-r700',
  label: 'Impinj R700 (IoT device interface)',
  transport: 'mqtt',
  naturalKey: 'none',
  initialState: null,
  decode: (state, message) => ({ state, decoded: decodeImpinj(message.payload) }),
};
