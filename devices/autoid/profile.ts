import { isObject, splitJson, unreadable } from '../json/split-json.ts';
import type { Decoded, DeviceProfile } from '../profile.ts';
import { serverEvents } from '../plc/opcua-event.ts';
import { decodeScan } from './decode-scan.ts';

/**
 * RFID readers that speak the AutoID companion specification over OPC UA (OPC 30010). A scan says
 * where a tag is seen, which applied twice changes nothing; what the reader did not queue while the
 * link was away is gone, hence `polled`.
 */
export const autoIdRfid: DeviceProfile = {
  id: 'autoid-rfid',
  label: 'AutoID RFID reader (OPC UA)',
  transport: 'opcua',
  naturalKey: 'none',
  uncovered: 'polled',
  initialState: null,
  decode: (state, { payload }) => ({ state, decoded: decode(payload) }),
};

function decode(payload: Uint8Array): Decoded {
  const split = splitJson(payload);
  if (!split.ok) return split;
  const event = split.objects[0]?.['event'];
  if (split.objects.length !== 1 || !isObject(event)) {
    return unreadable('unknown-message', 'expected one event');
  }
  if (event['type'] === serverEvents.queueOverflow) return { ok: true, readings: [] };
  return decodeScan(event);
}
