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
  /** How much speaks for it against `zone`, in hundredths of a nat. */
  readonly score: number;
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
 * How much a read in one zone speaks for it against another, in hundredths of a nat: the logarithm
 * of how much likelier it is there. A tag in the field is read in nine rounds of ten, and by the
 * reader of another zone in two: ln(0.9 / 0.2). How much stronger it is than in the other zone adds
 * to it, little and within bounds: metal beside a tag favours one reader for as long as it stands
 * there, so that strengths of many reads are one witness and not many.
 */
const readScore = 150;
const scorePerDb = 8;
const leastScore = 50;
const mostScore = 250;

/** Reads of the same second tell little more than the first of them: what is new grows with time. */
const newAfterMs = 1000;
const leastNewMs = 100;

/** The rival read the tag again, and its zone did not meanwhile: ln((1 − 0.2) / (1 − 0.6)). */
const missedScore = 100;

/** What is enough beside the reads that are asked for (Wald 1945, sequential test). */
const moveScore = 300;

const maxRivalReads = 255;
const maxRivalScore = 10_000;

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
    rival: rival && withdraw(rival, sighting, sighting.atMs - state.seenAtMs),
  };
}

/** A read in the believed zone speaks against a rival. */
function withdraw(rival: Rival, sighting: Sighting, sinceMs: number): Rival | undefined {
  const score = rival.score - shareOf(scoreOf(sighting, rival.meanCdbm), sinceMs);
  return score > 0 ? { ...rival, score } : undefined;
}

function consider(state: TagState, sighting: Sighting, policy: PresencePolicy): PresenceStep {
  const rival = contend(state, sighting, policy.absentAfterMs);
  const known = state.zone !== '';
  const { device, receivedAtMs } = sighting;
  if (rival.zone !== sighting.zone || !isEnough(rival, known, policy)) {
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
 * score, and stray reads cancel out instead of adding up.
 */
function contend(
  { rival, meanCdbm, seenAtMs }: TagState,
  sighting: Sighting,
  forgetAfterMs: number,
): Rival {
  const { zone, reads, rssiCdbm, atMs } = sighting;
  const fresh = (): Rival => ({
    zone,
    reads: Math.min(reads, maxRivalReads),
    meanCdbm: rssiCdbm,
    score: scoreOf(sighting, meanCdbm),
    seenAtMs: atMs,
  });
  if (rival === undefined || atMs - rival.seenAtMs > forgetAfterMs) return fresh();
  const sinceMs = atMs - rival.seenAtMs;
  if (rival.zone === zone) {
    const missed = seenAtMs < rival.seenAtMs ? missedScore : 0;
    const more = shareOf(scoreOf(sighting, meanCdbm) + missed, sinceMs);
    return {
      zone,
      reads: Math.min(rival.reads + reads, maxRivalReads),
      meanCdbm: mixIn(rival.meanCdbm, rssiCdbm),
      score: Math.min(rival.score + more, maxRivalScore),
      seenAtMs: atMs,
    };
  }
  // The read counts as evidence either way, so that the same one again changes nothing.
  const score = rival.score - scoreOf(sighting, rival.meanCdbm);
  return score > 0 ? { ...rival, score, seenAtMs: atMs } : fresh();
}

/** What a read speaks for its zone, against another that reads the tag with the mean strength. */
function scoreOf({ rssiCdbm }: Sighting, meanCdbm: number | undefined): number {
  const db = rssiCdbm === undefined || meanCdbm === undefined ? 0 : (rssiCdbm - meanCdbm) / 100;
  return Math.max(leastScore, Math.min(readScore + Math.round(db * scorePerDb), mostScore));
}

function shareOf(score: number, sinceMs: number): number {
  return Math.floor((score * Math.max(leastNewMs, Math.min(sinceMs, newAfterMs))) / newAfterMs);
}

function isEnough(rival: Rival, known: boolean, { minReads, moveReads }: PresencePolicy): boolean {
  return known
    ? rival.reads >= moveReads && rival.score >= neededFor(moveReads)
    : rival.reads >= minReads;
}

/** Where one read is to be enough, one is. */
function neededFor(moveReads: number): number {
  return moveReads === 1 ? leastScore : moveScore + readScore * moveReads;
}

/** Moving average over about the last two reads, in whole units so that it can be stored. */
function mixIn(mean: number | undefined, rssiCdbm: number | undefined): number | undefined {
  if (mean === undefined || rssiCdbm === undefined) return rssiCdbm ?? mean;
  return mean + Math.round((rssiCdbm - mean) / 2);
}
