import type { Moment } from './moment.ts';

/**
 * Whether a tag went through a portal, and which way. One machine per portal and EPC; the rules are
 * in README.md. Antennas look at the inside or the outside of the opening.
 */
export type PortalSide = 'inside' | 'outside';

/** What one side heard. Times are evidence times; the mean is over about the last 16 reads. */
type SideState = readonly [
  device: string,
  receivedAtMs: number,
  /** Reads, at most 16, in 64ths: a faint one counts as a part of a read. */
  weight: number,
  meanMs: number,
  firstMs: number,
  lastMs: number,
];

export type PassState = {
  readonly reads: number;
  readonly inside: SideState | null;
  readonly outside: SideState | null;
  /** Of the last read. */
  readonly last: Moment;
  /** Of the strongest read; null while the reader says no strength. */
  readonly peakCdbm: number | null;
  /** Where the pass began: inside less outside, over its first reads, in 64ths of a read. */
  readonly start: number;
  /** The weight that went into `start`. */
  readonly startWeight: number;
  /** Where the tag is: 1000 inside, -1000 outside, following the last reads. */
  readonly end: number;
  /** Where presence had the tag when the pass began, if anywhere. */
  readonly known: Known | null;
};

/** When presence read a tag last, and how strongly. */
export type Known = readonly [zone: string, seenAtMs: number, meanCdbm: number | null];

export interface PortalRead {
  readonly side: PortalSide;
  readonly device: string;
  readonly moment: Moment;
  readonly receivedAtMs: number;
  readonly reads: number;
  readonly rssiCdbm: number | undefined;
  /** Where presence has the tag. */
  readonly known: Known | undefined;
  /** The device's profile knows re-delivered readings, so an older one is late and not repeated. */
  readonly keyed: boolean;
}

export interface Pass {
  /** `none`: not through, or seen on one side only. `unclear`: through, but nobody can say how. */
  readonly direction: 'in' | 'out' | 'none' | 'unclear';
  /** Reads of one side alone can never become a pass, however often they are sent. */
  readonly twoSided: boolean;
  /** Heard outside last of what was inside: out, if it is read nowhere from now on. */
  readonly mayHaveLeft: boolean;
  readonly reads: number;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
  /** Reads up to this evidence time are this pass again. */
  readonly overUntilMs: number;
  readonly last: Moment;
  readonly device: string;
}

/** What presence and the book know around a pass. */
export interface PassContext {
  /** That goods enter through the portal. */
  readonly zone: string | undefined;
  /** Where presence read the tag after the pass, if anywhere. */
  readonly seenSinceIn: string | undefined;
  /** Any zone read it after the pass, believed or not. */
  readonly isSeenSince: boolean;
  /** Neither presence nor the book had it inside when the pass began. */
  readonly isStranger: boolean;
}

export interface PassPolicy {
  readonly minReads: number;
  readonly passWindowMs: number;
}

export interface PassStep {
  readonly state: PassState;
  /** The read shows the pass before it to be over, and begins another. */
  readonly isOver?: true;
}

const unit = 64;
/**
 * The mean follows the last reads only: a tag that rests at the door before it goes out, or after
 * it came in, would otherwise drown the crossing in reads of one side.
 */
const maxWeight = 16 * unit;
/** A read counts half for each 3 dB that it is weaker than the strongest of the pass. */
const halfCdbm = 300;
/** So many reads say where a pass began, within this time, and where it ended. */
const endReads = 4;
const startMs = 1000;
/** A gap of this length makes one read as good as half of them. */
const gapMs = 2000;
/** A side with less than this share of the other's weight is a cross-read; a single read, sooner. */
const crossReadShare = 8;
const strayShare = 4;
/** Where the end of a pass is clearly inside, of 1000. */
const insideEnd = 500;
/** Centroids closer than this have no order. */
const leastApartMs = 10;

/** How strongly a portal heard a tag: what is not said, and what each of the first reads adds. */
const unsaidCdbm = -7000;
const strengthPerRead = 50;
const mostReads = 20;
/** Readers say when they first read a tag in a round, which lasts a second. */
const togetherMs = 1000;
const farBetterCdb = 1000;
const nearbyMs = 10_000;
/** A tag that presence read this recently was inside. */
const recentMs = 10_000;
/** A tag at the portal is not this much weaker than in its zone. */
const fainterCdbm = 600;

/**
 * Takes one read. A read much later than the last one, by the device's own time, begins a new pass:
 * a reader that empties its buffer delivers hours within a second.
 */
export function readAtPortal(
  state: PassState | undefined,
  read: PortalRead,
  policy: PassPolicy,
): PassStep {
  if (state === undefined) return { state: begin(read) };
  const [atMs] = read.moment;
  const { firstSeenAtMs, lastSeenAtMs } = span(state);
  if (atMs > lastSeenAtMs + policy.passWindowMs) {
    return { state: begin(read), isOver: true };
  }
  if (atMs < firstSeenAtMs - policy.passWindowMs) return { state };
  const side = state[read.side];
  if (side !== null && !read.keyed && read.moment[1] === 'device' && atMs <= side[5]) {
    return { state };
  }
  return { state: take(state, read) };
}

/**
 * How strongly a portal heard the tag, in hundredths of a dB: of portals that heard it at the same
 * time, the tag was at the one with most of it.
 */
function strengthOf(state: PassState): number {
  return (state.peakCdbm ?? unsaidCdbm) + Math.min(state.reads, mostReads) * strengthPerRead;
}

/** What a portal heard of a tag, as it stands beside what others heard. */
export type Hearing = readonly [portal: string, fromMs: number, toMs: number, strength: number];

export function hearingOf(portal: string, state: PassState): Hearing {
  const { firstSeenAtMs, lastSeenAtMs } = span(state);
  return [portal, firstSeenAtMs, lastSeenAtMs, strengthOf(state)];
}

/**
 * How much better another portal heard the tag when this one did, in hundredths of a dB; undefined:
 * it did not hear it then. One that heard it far better a little before or after counts as well.
 */
export function betterBy(other: Hearing, own: Hearing): number | undefined {
  const better = other[3] - own[3];
  const within = better > farBetterCdb ? nearbyMs : togetherMs;
  const isTogether = Math.max(other[1], own[1]) <= Math.min(other[2], own[2]) + within;
  return isTogether ? better : undefined;
}

/** Whether a read at this evidence time is part of the pass, and not of one before or after it. */
export function isWithinPass(state: PassState, atMs: number, policy: PassPolicy): boolean {
  const { firstSeenAtMs, lastSeenAtMs } = span(state);
  const { passWindowMs } = policy;
  return atMs >= firstSeenAtMs - passWindowMs && atMs <= lastSeenAtMs + passWindowMs;
}

/** The devices that saw it. */
export function devicesOf({ inside, outside }: PassState): string[] {
  return [inside, outside].flatMap((side) => (side === null ? [] : [side[0]]));
}

/**
 * When the pass is over, by time of receipt: nothing was read for the window, or both sides were
 * and one of them has been quiet for it, which is how a tag that stays near the portal gets
 * through. A side with a single read, which may be a stray, ends nothing by being quiet: the real
 * crossing may be on its way. `backMs` says when a device last became able to speak; while one is
 * away and expected back (Infinity), the pass waits for what it may have buffered.
 */
export function passDueMs(
  { inside, outside }: PassState,
  policy: PassPolicy,
  backMs: (device: string) => number,
): number {
  const sides = [inside, outside].filter((side) => side !== null);
  const quietMs = sides.map((side) => Math.max(side[1], backMs(side[0])));
  if (quietMs.includes(Infinity)) return Infinity;
  const haveTestified = sides.every(([, , weight]) => weight > unit);
  const sinceMs = haveTestified ? Math.min(...quietMs) : Math.max(...quietMs);
  return sinceMs + policy.passWindowMs;
}

export function judgePass(state: PassState, policy: PassPolicy, around?: PassContext): Pass {
  const { inside, outside, reads, last } = state;
  const seen = span(state);
  const heard = directionOf(state, policy);
  const direction = around === undefined ? heard : weigh(state, heard, seen, around);
  const isOpen = direction === 'none' || direction === 'unclear';
  return {
    direction,
    mayHaveLeft: isOpen && around !== undefined && mayHaveLeft(state, around),
    twoSided: inside !== null && outside !== null,
    reads,
    ...seen,
    overUntilMs: seen.lastSeenAtMs,
    last,
    device: lastDevice(inside, outside),
  };
}

/**
 * What presence says beside the portal. It contradicts: what was read inside just before did not
 * come in, what is read inside since did not go out. And it completes what the portal heard in
 * part: a stranger that is inside since came in; what was inside, was heard outside last, and is
 * not read inside since, went out.
 */
function weigh(
  state: PassState,
  heard: Pass['direction'],
  { firstSeenAtMs }: { firstSeenAtMs: number },
  { zone, seenSinceIn, isSeenSince, isStranger }: PassContext,
): Pass['direction'] {
  const [knownIn = '', knownMs = 0] = state.known ?? [];
  if (heard === 'in') {
    return knownIn !== '' && firstSeenAtMs - knownMs < recentMs ? 'none' : 'in';
  }
  if (heard === 'out' && !isSeenSince) return 'out';
  const open = heard === 'out' ? 'none' : heard;
  if (state.reads < 2) return open;
  return isStranger && seenSinceIn !== undefined && seenSinceIn === zone ? 'in' : open;
}

function mayHaveLeft(
  { reads, inside, outside, peakCdbm, known }: PassState,
  { zone, isSeenSince }: PassContext,
): boolean {
  if (reads < 2 || known === null || outside === null || isSeenSince) return false;
  const [knownIn, , meanCdbm] = known;
  if (knownIn !== zone || outside[5] < (inside?.[5] ?? 0) - togetherMs) return false;
  return meanCdbm === null || peakCdbm === null || peakCdbm > meanCdbm - fainterCdbm;
}

function begin(read: PortalRead): PassState {
  const empty: PassState = {
    reads: 0,
    inside: null,
    outside: null,
    last: read.moment,
    peakCdbm: null,
    start: 0,
    startWeight: 0,
    end: 0,
    known: read.known ?? null,
  };
  return take(empty, read);
}

function take(before: PassState, read: PortalRead): PassState {
  const state = rescale(before, read.rssiCdbm);
  const [atMs] = read.moment;
  const { side, reads, rssiCdbm } = read;
  const peakCdbm = Math.max(state.peakCdbm ?? -Infinity, rssiCdbm ?? -Infinity);
  const isSaid = Number.isFinite(peakCdbm);
  const each = isSaid && rssiCdbm !== undefined ? unit >> ((peakCdbm - rssiCdbm) / halfCdbm) : unit;
  const weight = Math.min(each * reads, maxWeight);
  const toward = side === 'inside' ? 1 : -1;
  const isStart =
    state.startWeight < endReads * unit &&
    (state.reads === 0 || atMs < span(state).firstSeenAtMs + startMs);
  const sinceMs = state.reads === 0 ? gapMs : Math.max(0, atMs - state.last[0]);
  const pull = Math.min(unit, Math.round(each * (reads / endReads + sinceMs / gapMs)));
  const isLate = atMs < state.last[0];
  return {
    reads: state.reads + reads,
    inside: side === 'inside' ? see(state.inside, read, weight) : state.inside,
    outside: side === 'outside' ? see(state.outside, read, weight) : state.outside,
    last: isLate ? state.last : read.moment,
    peakCdbm: isSaid ? peakCdbm : null,
    start: state.start + (isStart ? toward * weight : 0),
    startWeight: state.startWeight + (isStart ? weight : 0),
    end: isLate ? state.end : state.end + Math.round(((toward * 1000 - state.end) * pull) / unit),
    known: state.known,
  };
}

/** What was heard before a stronger read counts less beside it. */
function rescale(state: PassState, rssiCdbm: number | undefined): PassState {
  const { peakCdbm, inside, outside } = state;
  if (rssiCdbm === undefined || peakCdbm === null) return state;
  const halvings = Math.floor((rssiCdbm - peakCdbm) / halfCdbm);
  if (halvings < 1) return state;
  const less = (side: SideState | null): SideState | null =>
    side && [side[0], side[1], side[2] >> halvings, side[3], side[4], side[5]];
  return {
    ...state,
    inside: less(inside),
    outside: less(outside),
    start: Math.trunc(state.start / 2 ** halvings),
    startWeight: state.startWeight >> halvings,
  };
}

function see(side: SideState | null, read: PortalRead, weight: number): SideState {
  const { device, receivedAtMs } = read;
  const [atMs] = read.moment;
  if (side === null) return [device, receivedAtMs, weight, atMs, atMs, atMs];
  const [, , before, meanMs, firstMs, lastMs] = side;
  const step = weight === 0 ? 0 : weight / (before + weight);
  return [
    device,
    receivedAtMs,
    Math.min(before + weight, maxWeight),
    meanMs + Math.round((atMs - meanMs) * step),
    Math.min(firstMs, atMs),
    Math.max(lastMs, atMs),
  ];
}

/**
 * A pass begins on one side and ends on the other, and its later side's reads lie later on the
 * whole. Beginning and end are weighed over several reads, the stronger for more, so that neither
 * a stray read nor what an antenna hears behind its back decides; of few reads, first and last do.
 */
function directionOf(state: PassState, policy: PassPolicy): Pass['direction'] {
  const { inside, outside, reads } = state;
  if (inside === null || outside === null || reads < policy.minReads) return 'none';
  const weaker = Math.min(inside[2], outside[2]);
  const share = weaker <= unit ? strayShare : crossReadShare;
  if (weaker * share < Math.max(inside[2], outside[2])) return 'none';
  const apartMs = inside[3] - outside[3];
  const isThin = inside[2] + outside[2] <= endReads * unit;
  const start = isThin ? outside[4] - inside[4] : state.start;
  const end = isThin ? inside[5] - outside[5] : state.end;
  if (start < 0 && end > 0 && apartMs > leastApartMs) return 'in';
  if (start > 0 && end < 0 && apartMs < -leastApartMs) return 'out';
  const turnedBack = Math.abs(apartMs) > leastApartMs && Math.sign(start) === Math.sign(end);
  return turnedBack ? 'none' : 'unclear';
}

/**
 * A pass this short may be what a neighbour heard of another door's, in a round or two.
 * With it, 1 posting in 23,980 passes was false on seeds 1 to 100 at a read rate of 80 %.
 */
const solidMs = 2000;

/** Whether a pass is to be believed only if presence agrees, where presence can. */
export function isThin(state: PassState): boolean {
  const { firstSeenAtMs, lastSeenAtMs } = span(state);
  return lastSeenAtMs - firstSeenAtMs < solidMs;
}

/** Whether the last reads, the stronger for more, were clearly inside; one read is not enough. */
export function endsInside({ reads, end }: PassState): boolean {
  return reads > 1 && end > insideEnd;
}

export function lastSeenMs(state: PassState): number {
  return span(state).lastSeenAtMs;
}

function span({ inside, outside }: PassState): { firstSeenAtMs: number; lastSeenAtMs: number } {
  return {
    firstSeenAtMs: Math.min(inside?.[4] ?? Infinity, outside?.[4] ?? Infinity),
    lastSeenAtMs: Math.max(inside?.[5] ?? 0, outside?.[5] ?? 0),
  };
}

function lastDevice(inside: SideState | null, outside: SideState | null): string {
  if (inside === null) return outside?.[0] ?? '';
  if (outside === null) return inside[0];
  return inside[5] >= outside[5] ? inside[0] : outside[0];
}
