import { climateMeasures } from '../climate/climate-measure.ts';
import { climateReading } from '../climate/climate-reading.ts';
import type { ClimateOrigin } from '../climate/climate-reading.ts';
import { isObject, unreadable } from '../json/split-json.ts';
import type { JsonObject } from '../json/split-json.ts';
import { naturalKeyOf } from './decode-chirpstack.ts';
import type { Part } from './decode-chirpstack.ts';
import type { LorawanEvent } from './lorawan-event.ts';

/**
 * The climate readings of what a codec in ChirpStack decoded: `temperature` in °C and `humidity` in
 * %, or the `temperatureSensor` and `humiditySensor` of its Cayenne LPP codec, which holds a value
 * per channel (sensor `<EUI>/<channel>`) or, with one sensor, the value itself.
 */
export function readObject(uplink: LorawanEvent): readonly Part[] {
  const { object } = uplink;
  if (object !== undefined) return readFields(object, uplink).filter((part) => part !== undefined);
  if (uplink.data.length === 0) return [];
  const detail =
    'no decoded object: give the device profile in ChirpStack a codec, or use a profile that ' +
    'reads the bytes of this sensor';
  return [unreadable('unknown-message', detail)];
}

function readFields(object: JsonObject, uplink: LorawanEvent): (Part | undefined)[] {
  const { claimedMs, devEui } = uplink;
  const naturalKey = naturalKeyOf(uplink);
  return climateMeasures.flatMap((measure) => {
    const origin: ClimateOrigin = { measure, sensor: devEui, claimedMs, naturalKey };
    const cayenne = object[`${measure}Sensor`];
    if (!isObject(cayenne)) return [climateReading(object[measure] ?? cayenne, origin)];
    return [
      climateReading(object[measure], origin),
      ...Object.entries(cayenne).map(([channel, value]) =>
        climateReading(value, { ...origin, sensor: `${devEui}/${channel.slice(0, 20)}` }),
      ),
    ];
  });
}
