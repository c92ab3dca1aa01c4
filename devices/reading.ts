import type { climateMeasures } from '#contracts/kinds/climate-kinds.ts';
import type { InputLevel } from '#contracts/kinds/input-kinds.ts';
import type { ScannedCode } from '#contracts/kinds/scan-kinds.ts';

/**
 * What every family's codec turns vendor bytes into. Values are integers of the unit in the name;
 * `claimedMs` is what the device said of the time, believed or not by others; `unreadableTime` where
 * that is no time.
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

/**
 * An alarm of a machine as it stands now. Applying it twice changes nothing: `active` says it all.
 */
export interface MachineAlarmReading extends Read {
  readonly type: 'machine-alarm';
  /** The condition's NodeId with its namespace URI, or the tag's name. */
  readonly alarm: string;
  /** The tag or event source that showed it: what ends with `alarms-standing` of the same. */
  readonly channel: string;
  readonly active: boolean;
  readonly acked: boolean;
  readonly name: string;
  /** The machine's part that it is about, as the machine names it. */
  readonly source?: string;
  /** 1 to 1000 (OPC UA Part 9, 5.5.2). */
  readonly severity?: number;
  readonly message?: string;
}

/** All alarms of a channel that stand: whatever else of it was standing has ended. */
export interface AlarmsStandingReading extends Read {
  readonly type: 'alarms-standing';
  readonly channel: string;
  readonly alarms: readonly string[];
  /** The others ended at a time when nobody could see them. */
  readonly unseen: boolean;
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

/**
 * A code that somebody read. A scan adds, so that it always has a key: one that the scanner made,
 * and that it repeats when it sends the scan again.
 */
export interface ScanReading extends Read {
  readonly type: 'scan';
  readonly naturalKey: string;
  readonly code: ScannedCode;
  /** As the scanner names it. */
  readonly symbology?: string;
}

/** The level of a digital input (photo eye, push button) after a change. */
export interface InputReading extends Read {
  readonly type: 'input';
  /** `gpi-1` is the first general-purpose input of a reader. */
  readonly input: string;
  readonly level: InputLevel;
}

export type Reading =
  | TagReading
  | CounterReading
  | MachineStateReading
  | MachineAlarmReading
  | AlarmsStandingReading
  | ClimateReading
  | StatusReading
  | MissedReading
  | ScanReading
  | InputReading;
