import type { ClimateMeasure } from '../climate/climate-measure.ts';

/** One value of a payload, °C or %; `atMs` where the sensor kept it and sends it late. */
export interface MilesightValue {
  readonly measure: ClimateMeasure;
  readonly value: number;
  readonly atMs?: number;
}

export interface Channel {
  /** How many bytes follow the channel's id and type. */
  readonly bytes: number;
  readonly values?: (data: DataView) => readonly MilesightValue[];
  readonly batteryPercent?: (data: DataView) => number;
}

export const temperatureAt = (data: DataView, at: number): MilesightValue => ({
  measure: 'temperature',
  value: data.getInt16(at, true) / 10,
});

export const humidityAt = (data: DataView, at: number): MilesightValue => ({
  measure: 'humidity',
  value: data.getUint8(at) / 2,
});

const temperature = (bytes: number): Channel => ({
  bytes,
  values: (data) => [temperatureAt(data, 0)],
});
const skipped = (bytes: number): Channel => ({ bytes });

/**
 * Channels of the EM300, EM320, EM500-PT100 and WS series by id and type, two bytes (Milesight's
 * payload tables). Those without a reading are here for their length: nothing in the payload says
 * it.
 */
export const channels: ReadonlyMap<number, Channel> = new Map([
  [0x01_75, { bytes: 1, batteryPercent: (data: DataView) => data.getUint8(0) }],
  [0x03_67, temperature(2)],
  [0x04_68, { bytes: 1, values: (data: DataView) => [humidityAt(data, 0)] }],
  // A temperature with the alarm that it raises, or ends: by threshold, by mutation.
  [0x83_67, temperature(3)],
  [0x83_d7, temperature(5)],
  // Leak, contact, magnet, occupancy, pulses, storage.
  [0x05_00, skipped(1)],
  [0x05_9c, skipped(1)],
  [0x05_c8, skipped(4)],
  [0x05_e1, skipped(8)],
  [0x06_00, skipped(1)],
  [0x85_00, skipped(2)],
  [0x85_e1, skipped(9)],
  // What a device says of itself when it joins.
  [0xff_01, skipped(1)],
  [0xff_09, skipped(2)],
  [0xff_0a, skipped(2)],
  [0xff_0b, skipped(1)],
  [0xff_0f, skipped(1)],
  [0xff_16, skipped(8)],
  [0xff_1b, skipped(5)],
  [0xff_fe, skipped(1)],
  [0xff_ff, skipped(2)],
]);

/** Answers to downlinks: what follows one is about settings. */
export const answerIds: ReadonlySet<number> = new Set([0xf8, 0xf9, 0xfe, 0xff]);
