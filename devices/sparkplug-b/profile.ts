import type { DeviceProfile } from '../profile.ts';
import { decodeSparkplug } from './decode-sparkplug.ts';
import type { SparkplugState } from './decode-sparkplug.ts';

/**
 * A Sparkplug B edge node with its devices. The specification has births and data sent at QoS 0
 * (5.4 and following), so no acknowledgement can cover them; gaps in the sequence show what is
 * lost. The natural key of a message is bdSeq, seq and time.
 */
export const sparkplugB: DeviceProfile = {
  id: 'sparkplug-b',
  label: 'Sparkplug B climate sensors',
  transport: 'mqtt',
  naturalKey: 'sequence',
  uncovered: 'qos0',
  initialState: {},
  decode: (state, message) => decodeSparkplug(state as SparkplugState, message),
};
