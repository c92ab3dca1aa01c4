import type { DeviceProfile } from '../profile.ts';
import { decodeSample, readPackMlState, readPlainState } from './decode-sample.ts';
import type { StateReader } from './decode-sample.ts';

/**
 * Machines over OPC UA. Counters are absolute and states are last values, so a repeated sample does
 * nothing; what the server did not queue while the link was away is gone, hence `polled`.
 */
function plcProfile(id: string, label: string, stateOf: StateReader): DeviceProfile {
  return {
    id,
    label,
    transport: 'opcua',
    naturalKey: 'none',
    uncovered: 'polled',
    initialState: null,
    decode: (state, message) => ({ state, decoded: decodeSample(message, stateOf) }),
  };
}

export const packMl = plcProfile('packml', 'PackML machine (OPC UA)', readPackMlState);
export const plcCounter = plcProfile('plc-counter', 'PLC counters (OPC UA)', readPlainState);
