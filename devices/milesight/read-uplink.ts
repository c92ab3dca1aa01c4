import { naturalKeyOf, statusOf } from '../chirpstack/decode-chirpstack.ts';
import type { Part } from '../chirpstack/decode-chirpstack.ts';
import type { LorawanEvent } from '../chirpstack/lorawan-event.ts';
import { climateReading, isPlaceable } from '../climate/climate-reading.ts';
import { unreadable } from '../json/split-json.ts';
import type { MilesightValue } from './channels.ts';
import { decodeMilesight } from './decode-milesight.ts';

/** What an uplink of a Milesight sensor gives: its readings, those of the past, its battery. */
export function readUplink(uplink: LorawanEvent, receivedAtMs: number): readonly Part[] {
  const { batteryPercent, trouble, values } = decodeMilesight(uplink.data);
  const parts = values
    .map((value) => partOf(value, uplink, receivedAtMs))
    .filter((part) => part !== undefined);
  const battery = batteryPercent === undefined ? [] : [statusOf(uplink, batteryPercent)];
  return [...battery, ...parts, ...(trouble === undefined ? [] : [trouble])];
}

/** The time of a record is the device's own identity of it: it may be sent more than once. */
function partOf(
  { atMs, measure, value }: MilesightValue,
  uplink: LorawanEvent,
  receivedAtMs: number,
): Part | undefined {
  const { claimedMs, devEui } = uplink;
  if (atMs === undefined) {
    const naturalKey = naturalKeyOf(uplink);
    return climateReading(value, { measure, sensor: devEui, claimedMs, naturalKey });
  }
  if (!isPlaceable(atMs, receivedAtMs)) {
    return unreadable('out-of-range', `${measure} of the past, of second ${atMs / 1000}`);
  }
  const naturalKey = `${devEui}@${atMs}`;
  const origin = { measure, sensor: devEui, claimedMs: atMs, naturalKey, historical: true };
  return climateReading(value, origin);
}
