import type { Canonical } from '#contracts/canonical.ts';
import { decodedParts } from '../json/decoded-parts.ts';
import type { Decoded, DeviceMessage, DeviceProfile } from '../profile.ts';
import { decodeHandheld } from './decode-handheld.ts';
import { noEventNumbers, type EventNumbers } from './event-numbers.ts';
import { keepNew } from './keep-new.ts';

/**
 * Zebra's handhelds RFD40 and RFD90 over MQTT: tags and barcodes. Out of reach of the network they
 * buffer up to 150,000 events and send them later, with their old times, behind newer ones.
 */
export const zebraHandheld: DeviceProfile = {
  id: 'zebra-rfd',
  label: 'Zebra RFD40/RFD90 handheld (MQTT)',
  transport: 'mqtt',
  naturalKey: 'event-number',
  initialState: noEventNumbers,
  decode: decodeBoth,
};

function decodeBoth(
  state: Canonical,
  { payload, receivedAtMs }: DeviceMessage,
): { state: Canonical; decoded: Decoded } {
  const decoded = decodeHandheld(payload, receivedAtMs);
  if (!decoded.ok) return { state, decoded };
  const { refused, scans, tags } = decoded;
  const { numbers, repeated, ...kept } = keepNew(state as EventNumbers, tags, receivedAtMs);
  const readings = [...kept.readings, ...scans];
  return { state: numbers, decoded: decodedParts({ readings, refused, repeated }) };
}
