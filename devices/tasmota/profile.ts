import type { DeviceProfile } from '../profile.ts';
import { decodeTasmota } from './decode-tasmota.ts';

/**
 * A module with Tasmota firmware and its probes. They report their last value; nothing numbers
 * reports, and the firmware publishes telemetry at QoS 0.
 */
export const tasmota: DeviceProfile = {
  id: 'tasmota',
  label: 'Tasmota climate sensors',
  transport: 'mqtt',
  naturalKey: 'none',
  uncovered: 'qos0',
  initialState: null,
  decode: (state, { channel, payload }) => ({ state, decoded: decodeTasmota(channel, payload) }),
};
