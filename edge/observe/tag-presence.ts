/**
 * Where a tag is, believed from reads. One machine per EPC; the rules are in README.md. Times are
 * UTC milliseconds, strengths hundredths of a dBm.
 */
export interface TagState {
  /** Where the tag is believed to be; empty until it is believed at all. */
  readonly zone: string;
  /** The device that read it last: while that one is away, absence of reads says nothing. */
  readonly device: string;
  readonly receivedAtMs: number;
  /** Evidence time of the last read in `zone`. */
  readonly seenAtMs: number;
  readonly meanCdbm: number | undefined;
  /** Another zone that the tag is read in, and that may take it over. */
  readonly rival: Rival | undefined;
}

export interface Rival {
  readonly zone: string;
  readonly reads: number;
  readonly meanCdbm: number | undefined;
  readonly seenAtMs: number;
}

/** One read of one tag, or what a reader sums up as several. */
export interface Sighting {
  readonly zone: string;
  readonly device: string;
  readonly reads: number;
  readonly rssiCdbm: number | undefined;
  /** Never after `receivedAtMs`: a clock that runs ahead must not outrank later reads by others. */
  readonly atMs: number;
  /** The device itself said `atMs`, so the same time again is the same read again. */
  readonly exact: boolean;
  readonly receivedAtMs: number;
}

export interface PresencePolicy {
  readonly minReads: number;
  readonly moveReads: number;
  readonly absentAfterMs: number;
}

export interface PresenceStep {
  readonly state: TagState;
  readonly effect?: 'appeared' | 'moved';
  /** Reads in the zone that made the tag believed there. */
  readonly reads: number;
}

/** Re-reads of a resting tag within this time change nothing, so that they cost no storage. */
export const refreshMs = 1000;

/**
 * EdgeX' mobility profile for asset tracking: a rival must be stronger by 6 dB; half a second after
 * the last read in the believed zone, that lead starts to shrink by 8 dB a second.
 */
const leadCdbm = 600;
const holdoffMs = 500;
const decayCdbmPerSecond = 800;

const maxRivalReads = 255;

export function seeTag(
  state: TagState | undefined,
  sighting: Sighting,
  policy: PresencePolicy,
): PresenceStep {
  if (state === undefined) return consider(unbelieved(sighting), sighting, policy);
  if (isStale(state, sighting)) return { state, reads: 0 };
  return state.zone === sighting.zone
    ? { state: stay(state, sighting), reads: 0 }
    : consider(state, sighting, policy);
}

/** The last evidence that was accepted for the tag. */
export function lastEvidenceMs(state: TagState): number {
  return Math.max(state.seenAtMs, state.rival?.seenAtMs ?? 0);
}

function unbelieved({ device, receivedAtMs }: Sighting): TagState {
  return { zone: '', device, receivedAtMs, seenAtMs: 0, meanCdbm: undefined, rival: undefined };
}

/** Buffered evidence that arrives late, or twice, must not bring a tag back to where it was. */
function isStale(state: TagState, { atMs, exact }: Sighting): boolean {
  const last = lastEvidenceMs(state);
  return atMs < last || (exact && atMs === last);
}

function stay(state: TagState, sighting: Sighting): TagState {
  const { rival } = state;
  const rested = sighting.receivedAtMs - state.receivedAtMs < refreshMs;
  if (rival === undefined && rested && state.device === sighting.device) return state;
  return {
    zone: state.zone,
    device: sighting.device,
    receivedAtMs: sighting.receivedAtMs,
    seenAtMs: sighting.atMs,
    meanCdbm: mixIn(state.meanCdbm, sighting.rssiCdbm),
    rival: rival === undefined ? undefined : withdraw(rival, sighting),
  };
}

/** A read in the believed zone speaks against a rival that is not stronger than it. */
function withdraw(rival: Rival, { rssiCdbm, reads }: Sighting): Rival | undefined {
  const weaker =
    rssiCdbm === undefined || rival.meanCdbm === undefined || rssiCdbm >= rival.meanCdbm;
  if (!weaker) return rival;
  return rival.reads > reads ? { ...rival, reads: rival.reads - reads } : undefined;
}

function consider(state: TagState, sighting: Sighting, policy: PresencePolicy): PresenceStep {
  const rival = contend(state.rival, sighting, policy.absentAfterMs);
  const known = state.zone !== '';
  const enough = rival.reads >= (known ? policy.moveReads : policy.minReads);
  const { device, receivedAtMs } = sighting;
  if (rival.zone !== sighting.zone || !enough || (known && !outweighs(rival, state, sighting))) {
    return { state: { ...state, device, receivedAtMs, rival }, reads: 0 };
  }
  return {
    state: {
      zone: rival.zone,
      device,
      receivedAtMs,
      seenAtMs: rival.seenAtMs,
      meanCdbm: rival.meanCdbm,
      rival: undefined,
    },
    effect: known ? 'moved' : 'appeared',
    reads: rival.reads,
  };
}

/**
 * Reads in several other zones vote one of them up (Boyer and Moore's majority vote): it takes one
 * counter, and stray reads cancel out instead of adding up.
 */
function contend(rival: Rival | undefined, sighting: Sighting, forgetAfterMs: number): Rival {
  const { zone, reads, rssiCdbm, atMs } = sighting;
  const fresh = { zone, reads: Math.min(reads, maxRivalReads), meanCdbm: rssiCdbm, seenAtMs: atMs };
  if (rival === undefined || atMs - rival.seenAtMs > forgetAfterMs) return fresh;
  if (rival.zone === zone) {
    return {
      zone,
      reads: Math.min(rival.reads + reads, maxRivalReads),
      meanCdbm: mixIn(rival.meanCdbm, rssiCdbm),
      seenAtMs: atMs,
    };
  }
  // The read counts as evidence either way, so that the same one again changes nothing.
  return rival.reads > reads ? { ...rival, reads: rival.reads - reads, seenAtMs: atMs } : fresh;
}

function outweighs(rival: Rival, state: TagState, { atMs }: Sighting): boolean {
  if (rival.meanCdbm === undefined || state.meanCdbm === undefined) return true;
  const decayingMs = Math.max(0, atMs - state.seenAtMs - holdoffMs);
  const lead = leadCdbm - Math.floor((decayingMs * decayCdbmPerSecond) / 1000);
  return rival.meanCdbm > state.meanCdbm + lead;
}

/** Moving average over about the last four reads, in whole units so that it can be stored. */
function mixIn(mean: number | undefined, rssiCdbm: number | undefined): number | undefined {
  if (mean === undefined || rssiCdbm === undefined) return rssiCdbm ?? mean;
  return mean + Math.round((rssiCdbm - mean) / 4);
}
