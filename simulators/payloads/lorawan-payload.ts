import { deviceUuid } from './device-uuid.ts';
import type { ClimateEmission } from '../world/emission.ts';

/** An uplink of a sensor as ChirpStack publishes it: its topic below `application/<id>`. */
export interface Uplink {
  readonly channel: string;
  readonly payload: Uint8Array;
}

/** ChirpStack v4: JSON with an id of its own for each event, and what its codec made of the bytes. */
export function chirpStack4Uplink(emission: ClimateEmission, baseMs: number): Uplink {
  const { tempMilliC, humidityPermille } = emission;
  const object = { temperature: tempMilliC / 1000, humidity: humidityPermille / 10 };
  return uplink4(emission, baseMs, { data: cayenneBytes(emission), object });
}

/**
 * ChirpStack v3, in either of its JSON formats: EUI in base64 and the decoded object as text, or
 * EUI in hex and the object itself, on the older topic.
 */
export function chirpStack3Uplink(emission: ClimateEmission, baseMs: number): Uplink {
  const { number, sensor, tempMilliC, humidityPermille } = emission;
  const isLegacy = number % 2 === 0;
  const values = [tempMilliC / 1000, humidityPermille / 10] as const;
  const common = {
    applicationID: '7',
    applicationName: 'cold-rooms',
    deviceName: `sensor ${sensor.slice(-4)}`,
    devEUI: isLegacy ? sensor : Buffer.from(sensor, 'hex').toString('base64'),
    rxInfo: [
      { gatewayID: 'AwMDAwMDAwM=', time: null, rssi: -60, loRaSNR: 7 },
      { gatewayID: 'BAQEBAQEBAQ=', time: isoMicros(baseMs, emission), rssi: -48, loRaSNR: 9 },
    ],
    txInfo: { frequency: 868_100_000, dr: 5 },
    adr: true,
    fCnt: number,
    fPort: 5,
    data: cayenneBytes(emission).toString('base64'),
  };
  const decoded = isLegacy
    ? { object: { temperatureSensor: values[0], humiditySensor: values[1] } }
    : {
        objectJSON: JSON.stringify({ temperatureSensor: values[0], humiditySensor: values[1] }),
      };
  return {
    channel: `device/${sensor}/${isLegacy ? 'rx' : 'event/up'}`,
    payload: Buffer.from(JSON.stringify({ ...common, ...decoded })),
  };
}

/**
 * A Milesight EM320-TH behind ChirpStack v4. Every tenth uplink says the battery, every seventh sends
 * the report before it once more, as a record of the past.
 */
export function milesightUplink(
  emission: ClimateEmission,
  before: ClimateEmission | undefined,
  baseMs: number,
): Uplink {
  const { number } = emission;
  const battery = number % 10 === 0 ? [Buffer.from('01755C', 'hex')] : [];
  const live = Buffer.alloc(7);
  live.writeUInt16BE(0x03_67, 0);
  live.writeInt16LE(tenths(emission), 2);
  live.writeUInt16BE(0x04_68, 4);
  live.writeUInt8(halfPercents(emission), 6);
  const history: Buffer[] = [];
  if (before !== undefined && number % 7 === 0) {
    const record = Buffer.alloc(9);
    record.writeUInt16BE(0x20_ce, 0);
    record.writeUInt32LE(Math.floor((baseMs + before.atMs) / 1000), 2);
    record.writeInt16LE(tenths(before), 6);
    record.writeUInt8(halfPercents(before), 8);
    history.push(record);
  }
  const data = Buffer.concat([...battery, live, ...history]);
  return uplink4(emission, baseMs, { data });
}

function uplink4(
  emission: ClimateEmission,
  baseMs: number,
  { data, object }: { readonly data: Buffer; readonly object?: object },
): Uplink {
  const { atMs, number, sensor } = emission;
  const time = isoMicros(baseMs, emission).replace('Z', '242+00:00');
  const body = {
    deduplicationId: deviceUuid(baseMs + atMs, number, Number.parseInt(sensor.slice(-8), 16)),
    time,
    deviceInfo: {
      tenantName: 'ChirpStack',
      applicationName: 'cold rooms',
      deviceProfileName: 'climate',
      deviceName: `sensor ${sensor.slice(-4)}`,
      devEui: sensor,
      deviceClassEnabled: 'CLASS_A',
      tags: {},
    },
    devAddr: '00189440',
    adr: true,
    dr: 5,
    fCnt: number,
    fPort: 85,
    confirmed: false,
    data: data.toString('base64'),
    ...(object === undefined ? {} : { object }),
    rxInfo: [
      { gatewayId: '0016c001f153a14c', uplinkId: number, gwTime: time, rssi: -36, snr: 10.5 },
    ],
    txInfo: { frequency: 867_100_000 },
  };
  return { channel: `device/${sensor}/event/up`, payload: Buffer.from(JSON.stringify(body)) };
}

/** Cayenne LPP: temperature on channel 1 in tenths of a °C, humidity on channel 2 in half percents. */
function cayenneBytes(emission: ClimateEmission): Buffer {
  const bytes = Buffer.alloc(7);
  bytes.writeUInt16BE(0x01_67, 0);
  bytes.writeInt16BE(tenths(emission), 2);
  bytes.writeUInt16BE(0x02_68, 4);
  bytes.writeUInt8(halfPercents(emission), 6);
  return bytes;
}

function tenths({ tempMilliC }: ClimateEmission): number {
  return Math.round(tempMilliC / 100);
}

function halfPercents({ humidityPermille }: ClimateEmission): number {
  return Math.round(humidityPermille / 5);
}

function isoMicros(baseMs: number, { atMs, number }: ClimateEmission): string {
  const micros = String(number % 1000).padStart(3, '0');
  return new Date(baseMs + atMs).toISOString().replace('Z', `${micros}Z`);
}
