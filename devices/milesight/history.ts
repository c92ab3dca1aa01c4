import { humidityAt, temperatureAt } from './channels.ts';
import type { MilesightValue } from './channels.ts';

/** Id and type of a record of the past, retransmitted or asked for. */
export const historyChannel = 0x20_ce;

/**
 * How long a record is depends on the model, which the payload does not name: that length is meant
 * with which the payload comes out even.
 */
export interface HistoryForm {
  readonly bytes: number;
  /** @returns undefined where the record cannot be of this form. */
  readonly values: (data: DataView) => readonly MilesightValue[] | undefined;
}

const withTime = (data: DataView, values: readonly MilesightValue[]): MilesightValue[] => {
  const atMs = data.getUint32(0, true) * 1000;
  return values.map((value) => ({ ...value, atMs }));
};

const temperatureOnly = (data: DataView) => withTime(data, [temperatureAt(data, 4)]);
const both = (data: DataView) => withTime(data, [temperatureAt(data, 4), humidityAt(data, 6)]);

/** All begin with the seconds since 1970. */
export const historyForms: readonly HistoryForm[] = [
  // EM500-PT100.
  { bytes: 6, values: temperatureOnly },
  // EM320-TH.
  { bytes: 7, values: both },
  // EM300-TH with a reserved byte; EM300-MCS, -SLD and -ZLD with that of their contact.
  { bytes: 8, values: both },
  // WS203: cause (0 to 4) and occupancy come first.
  {
    bytes: 9,
    values: (data) =>
      (data.getUint8(4) & 0x07) <= 4 && data.getUint8(5) <= 1
        ? withTime(data, [temperatureAt(data, 6), humidityAt(data, 8)])
        : undefined,
  },
  // EM300-DI: input (1) or counter (2) come last.
  {
    bytes: 13,
    values: (data) => (data.getUint8(7) === 1 || data.getUint8(7) === 2 ? both(data) : undefined),
  },
];
