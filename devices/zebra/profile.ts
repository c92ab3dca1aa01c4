import type { Canonical } from '#contracts/canonical.ts';
import type { Decoded, DeviceMessage, DeviceProfile } from '../profile.ts';
import type { Reading } from '../reading.ts';
import { decodeZebra } from './decode-zebra.ts';
import { noEventNumbers, noteEvent } from './event-numbers.ts';
import type { EventNumbers } from './event-numbers.ts';

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
  let numbers = state as EventNumbers;
  let missed = 0;
  const readings: Reading[] = [];
  for (const { reading, eventNumber } of decoded.events) {
    const { claimedMs } = reading;
    if (eventNumber === undefined || claimedMs === undefined) {
      readings.push(reading);
      continue;
    }
    const noted = noteEvent(numbers, {
      number: eventNumber,
      claimedMs,
      receivedAtMs: message.receivedAtMs,
    });
    numbers = noted.numbers;
    missed += noted.missed;
    if (!noted.redelivered)
      readings.push({ ...reading, naturalKey: `${eventNumber}@${claimedMs}` });
  }
  if (missed > 0) {
    readings.push({ type: 'missed', samples: Math.min(missed, Number.MAX_SAFE_INTEGER) });
  }
  return { state: numbers, decoded: { ok: true, readings } };
}
