import type { Canonical } from '#contracts/canonical.ts';
import { decodedParts } from '../json/decoded-parts.ts';
import type { Decoded, DeviceMessage, DeviceProfile } from '../profile.ts';
import { decodeZebra } from './decode-zebra.ts';
import { noEventNumbers, type EventNumbers } from './event-numbers.ts';
import { keepNew } from './keep-new.ts';

/**
 * Zebra fixed readers (FX7500, FX9600, FXR90, ATR7000) with the IoT Connector over MQTT. The
 * reader numbers its events, so a re-delivered one is known and dropped. A number alone repeats
 * after a reboot: number and time together are the natural key. Without a time to tell boots
 * apart a reading has no key and is passed on as it is.
 */
export const zebraIotc: DeviceProfile = {
  id: 'zebra-iotc',
  label: 'Zebra FX/ATR (IoT Connector)',
  transport: 'mqtt',
  naturalKey: 'event-number',
  initialState: noEventNumbers,
  decode: decodeNumbered,
};

function decodeNumbered(
  state: Canonical,
  message: DeviceMessage,
): { state: Canonical; decoded: Decoded } {
  const decoded = decodeZebra(message.payload);
  if (!decoded.ok) return { state, decoded };
  const { events, refused } = decoded;
  const kept = keepNew(state as EventNumbers, events, message.receivedAtMs);
  const { numbers, readings, repeated } = kept;
  if (refused.length + repeated === 0) return { state: numbers, decoded: { ok: true, readings } };
  return { state: numbers, decoded: decodedParts({ readings, refused, repeated }) };
}
