import type { climateMeasures } from '#contracts/kinds/climate-kinds.ts';

/**
 * What every family's codec turns vendor bytes into. Values are integers of the unit in the name;
 * `claimedMs` is what the device said of the time, believed or not by others.
 */
interface Read {
  readonly claimedMs?: number;
  /** The device's own identity of this reading, where its profile declares one. */
  readonly naturalKey?: string;
}

export interface TagReading extends Read {
  readonly type: 'tag';
  /** Upper-case hex exactly as on the tag, also when it is no EPC that we know. */
  readonly epc: string;
  readonly antenna?: number;
  readonly rssiCdbm?: number;
  /** How often the reader saw it for this report; 1 where it does not say. */
  readonly reads: number;
}

export interface CounterReading extends Read {
  readonly type: 'counter';
  readonly counter: string;
  readonly value: number;
}

export interface MachineStateReading extends Read {
  readonly type: 'machine-state';
  readonly machine: string;
  readonly stateNumber: number;
  readonly state: string;
}

export interface ClimateReading extends Read {
  readonly type: 'climate';
  /** Name of the sensor behind a bridge that carries several; absent where the device is the sensor. */
  readonly sensor?: string;
  readonly measure: (typeof climateMeasures)[number];
  /** Thousandths of a °C, or permille of relative humidity. */
  readonly value: number;
  /** The device kept it and sends it late: it tells of its `claimedMs`, never of now. */
  readonly historical?: true;
}

/** The device itself said that it is there or gone (birth, death, last will, availability). */
export interface StatusReading extends Read {
  readonly type: 'status';
  /** As for climate: one sensor of a bridge, or the device itself. */
  readonly sensor?: string;
  readonly connected: boolean;
  /** What its battery has left, where it says so. */
  readonly batteryPercent?: number;
}

/** The device's own numbering shows that samples are missing. */
export interface MissedReading extends Read {
  readonly type: 'missed';
  readonly samples: number;
}

export type Reading =
  | TagReading
  | CounterReading
  | MachineStateReading
  | ClimateReading
  | StatusReading
  | MissedReading;
