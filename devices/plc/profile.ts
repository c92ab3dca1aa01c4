import { isObject, splitJson, unreadable } from '../json/split-json.ts';
import type { DeviceProfile } from '../profile.ts';
import { decodeCondition } from './condition-events.ts';
import { decodeSample, readPackMlState, readPlainState } from './decode-sample.ts';
import type { StateReader } from './decode-sample.ts';
import { sampleOfObject } from './opcua-sample.ts';

/**
 * Machines over OPC UA. Counters are absolute, states and alarms are last values, so a repeated
 * sample does nothing; what the server did not queue while the link was away is gone, hence
 * `polled`. The decoder's state is that of condition refreshes under way.
 */
function plcProfile(id: string, label: string, stateOf: StateReader): DeviceProfile {
  return {
    id,
    label,
    transport: 'opcua',
    naturalKey: 'none',
    uncovered: 'polled',
    initialState: null,
    decode: (state, { channel, payload }) => {
      const split = splitJson(payload);
      if (!split.ok) return { state, decoded: split };
      const [object] = split.objects;
      if (object === undefined || split.objects.length > 1) {
        return { state, decoded: unreadable('wrong-type', 'expected one sample') };
      }
      const { event } = object;
      if (isObject(event)) return decodeCondition(state, channel, event);
      const read = sampleOfObject(object);
      return { state, decoded: read.ok ? decodeSample(channel, read.sample, stateOf) : read };
    },
  };
}

export const packMl = plcProfile('packml', 'PackML machine (OPC UA)', readPackMlState);
export const plcCounter = plcProfile('plc-counter', 'PLC counters (OPC UA)', readPlainState);
