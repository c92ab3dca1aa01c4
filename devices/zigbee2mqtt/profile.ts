import type { DeviceProfile } from '../profile.ts';
import { decodeZigbee2Mqtt } from './decode-zigbee2mqtt.ts';

/** A Zigbee2MQTT bridge with its sensors. They report their last value; nothing numbers reports. */
export const zigbee2mqtt: DeviceProfile = {
  id: 'zigbee2mqtt',
  label: 'Zigbee2MQTT climate sensors',
  transport: 'mqtt',
  naturalKey: 'none',
  initialState: null,
  decode: (state, { channel, payload }) => ({
    state,
    decoded: decodeZigbee2Mqtt(channel, payload),
  }),
};
