import type { Sgtin } from './sgtin96.ts';
import type { PortalSide } from './site-layout.ts';

/** One tag seen by one antenna in one inventory round. */
export interface TagRead {
  /** Upper-case hex as it stands on the tag. */
  readonly epc: string;
  readonly antenna: number;
  readonly rssiCdbm: number;
  /** How often it was seen in the round. */
  readonly seen: number;
}

/**
 * What a device has to say at `atMs` of the world's time. `number` counts the messages of the
 * device from 1: with it every payload differs from every other, as real ones do.
 */
export type Emission =
  | TagEmission
  | InputEmission
  | ScanEmission
  | ClimateEmission
  | ConveyorEmission;

interface Emitted {
  readonly site: string;
  readonly device: string;
  readonly atMs: number;
  readonly number: number;
}

export interface TagEmission extends Emitted {
  readonly type: 'tags';
  readonly reads: readonly TagRead[];
}

/** The photo eye on a reader's first input changed. */
export interface InputEmission extends Emitted {
  readonly type: 'input';
  readonly input: number;
  readonly high: boolean;
}

/** What is printed on a label that somebody scans. */
export type Label =
  | { readonly type: 'item'; readonly sgtin: Sgtin }
  | { readonly type: 'shelf'; readonly text: string };

export interface ScanEmission extends Emitted {
  readonly type: 'scans';
  readonly labels: readonly Label[];
  /** 32 bits of chance for the ids that the scanner makes. */
  readonly chance: number;
}

export interface ClimateEmission extends Emitted {
  readonly type: 'climate';
  readonly sensor: string;
  readonly tempMilliC: number;
  readonly humidityPermille: number;
}

export interface ConveyorEmission extends Emitted {
  readonly type: 'conveyor';
  readonly counters: Readonly<Record<string, number>>;
  /** PackML state number; only of a PackML machine. */
  readonly stateNumber?: number;
}

/** What truly happened, whether or not any device noticed. */
export type Truth =
  | { readonly type: 'arrived'; readonly site: string; readonly atMs: number; readonly epc: string }
  | { readonly type: 'left'; readonly site: string; readonly atMs: number; readonly epc: string }
  | {
      readonly type: 'moved';
      readonly site: string;
      readonly atMs: number;
      readonly epc: string;
      readonly fromZone: string;
      readonly zone: string;
    }
  /** A tag stood at a side of a portal, and no antenna ever heard it there. */
  | {
      readonly type: 'unread';
      readonly site: string;
      readonly atMs: number;
      readonly epc: string;
      readonly portal: string;
      readonly side: PortalSide;
    }
  /** An antenna heard a tag that stands where it does not look. */
  | {
      readonly type: 'cross-read';
      readonly site: string;
      readonly atMs: number;
      readonly epc: string;
      readonly device: string;
    }
  /** A tag that is none of the warehouse's goods. */
  | { readonly type: 'stray'; readonly site: string; readonly atMs: number; readonly epc: string }
  | {
      readonly type: 'excursion';
      readonly site: string;
      readonly atMs: number;
      readonly zone: string;
      readonly untilMs: number;
    };

/** Where the parts of the world put what they have to say. */
export interface Outlet {
  emit(emission: Emission): void;
  note(truth: Truth): void;
}
