import type { Moment } from './moment.ts';

/**
 * Whether a tag went through a portal, and which way. One machine per portal and EPC; the rules are
 * in README.md. Antennas look at the inside or the outside of the opening.
 */
export type PortalSide = 'inside' | 'outside';

/** What one side saw. Times are evidence times; means are over about the last 16 reads. */
type SideState = readonly [
  device: string,
  receivedAtMs: number,
  weight: number,
  meanMs: number,
  firstMs: number,
  secondMs: number,
  beforeLastMs: number,
  lastMs: number,
];

export type PassState = {
  readonly reads: number;
  readonly inside: SideState | null;
  readonly outside: SideState | null;
  /** Of the last read. */
  readonly last: Moment;
};

export interface PortalRead {
  readonly side: PortalSide;
  readonly device: string;
  readonly moment: Moment;
  readonly receivedAtMs: number;
  readonly reads: number;
  /** The device's profile knows re-delivered readings, so an older one is late and not repeated. */
  readonly keyed: boolean;
}

export interface Pass {
  /** `none`: not through, or seen on one side only. `unclear`: through, but nobody can say how. */
  readonly direction: 'in' | 'out' | 'none' | 'unclear';
  /** Reads of one side alone can never become a pass, however often they are sent. */
  readonly twoSided: boolean;
  readonly reads: number;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
  /** Reads up to this evidence time are this pass again. */
  readonly overUntilMs: number;
  readonly last: Moment;
  readonly device: string;
}

export interface PassPolicy {
  readonly minReads: number;
  readonly passWindowMs: number;
}

export interface PassStep {
  readonly state: PassState;
  /** A pass that this read shows to be over. */
  readonly ended?: Pass;
}

/**
 * The mean follows the last reads only: a tag that rests at the door before it goes out, or after
 * it came in, would otherwise drown the crossing in reads of one side.
 */
const maxWeight = 16;
/** A side with less than this share of the other's weight is a cross-read; a single read, sooner. */
const crossReadShare = 8;
const strayShare = 4;

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
    return { state: begin(read), ended: judgePass(state, policy) };
  }
  if (atMs < firstSeenAtMs - policy.passWindowMs) return { state };
  const side = state[read.side];
  if (side !== null && !read.keyed && read.moment[1] === 'device' && atMs <= side[7]) {
    return { state };
  }
  return {
    state: {
      ...state,
      reads: state.reads + read.reads,
      last: atMs >= state.last[0] ? read.moment : state.last,
      [read.side]: see(side, read),
    },
  };
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
  const haveTestified = sides.every(([, , weight]) => weight > 1);
  const sinceMs = haveTestified ? Math.min(...quietMs) : Math.max(...quietMs);
  return sinceMs + policy.passWindowMs;
}

export function judgePass(state: PassState, policy: PassPolicy): Pass {
  const { inside, outside, reads, last } = state;
  const seen = span(state);
  return {
    direction: directionOf(inside, outside, reads, policy),
    twoSided: inside !== null && outside !== null,
    reads,
    ...seen,
    overUntilMs: seen.lastSeenAtMs,
    last,
    device: lastDevice(inside, outside),
  };
}

function begin(read: PortalRead): PassState {
  const empty = { reads: read.reads, inside: null, outside: null, last: read.moment };
  return { ...empty, [read.side]: see(null, read) };
}

function see(side: SideState | null, read: PortalRead): SideState {
  const { device, receivedAtMs, reads } = read;
  const [atMs] = read.moment;
  if (side === null) {
    // A single read leaves the second and the one before last open: they are the same read.
    return [device, receivedAtMs, Math.min(reads, maxWeight), atMs, atMs, atMs, atMs, atMs];
  }
  const [, , weight, meanMs, firstMs, secondMs, beforeLastMs, lastMs] = side;
  const step = Math.min(1, reads / (weight + reads));
  const several = reads > 1;
  const single = weight === 1;
  const [first, second] = earliest(firstMs, single ? Infinity : secondMs, atMs, several);
  const [last, beforeLast] = earliest(-lastMs, single ? Infinity : -beforeLastMs, -atMs, several);
  return [
    device,
    receivedAtMs,
    Math.min(weight + reads, maxWeight),
    meanMs + Math.round((atMs - meanMs) * step),
    first,
    second,
    -beforeLast,
    -last,
  ];
}

/** The two earliest of two known times and one more, which counts double if it is several reads. */
function earliest(a: number, b: number, more: number, several: boolean): [number, number] {
  const times = several ? [a, b, more, more] : [a, b, more];
  const [first = a, second = first] = times.sort((x, y) => x - y);
  return [first, second];
}

/**
 * Three witnesses: which side came first, which was left last, and which side's reads lie later on
 * the whole. First and last are taken from the second read of a side, so that one stray read does
 * not testify. The centroid decides if one of the others agrees and none is against it.
 */
function directionOf(
  inside: SideState | null,
  outside: SideState | null,
  reads: number,
  policy: PassPolicy,
): Pass['direction'] {
  if (inside === null || outside === null || reads < policy.minReads) return 'none';
  const weaker = Math.min(inside[2], outside[2]);
  const share = weaker === 1 ? strayShare : crossReadShare;
  if (weaker * share < Math.max(inside[2], outside[2])) return 'none';
  const first = Math.sign(inside[5] - outside[5]);
  const last = Math.sign(inside[6] - outside[6]);
  const centroid = Math.sign(inside[3] - outside[3]);
  const agreed = first + last;
  if (centroid > 0 && agreed > 0) return 'in';
  if (centroid < 0 && agreed < 0) return 'out';
  const turnedBack = first !== 0 && first === -last;
  return turnedBack ? 'none' : 'unclear';
}

function span({ inside, outside }: PassState): { firstSeenAtMs: number; lastSeenAtMs: number } {
  return {
    firstSeenAtMs: Math.min(inside?.[4] ?? Infinity, outside?.[4] ?? Infinity),
    lastSeenAtMs: Math.max(inside?.[7] ?? 0, outside?.[7] ?? 0),
  };
}

function lastDevice(inside: SideState | null, outside: SideState | null): string {
  if (inside === null) return outside?.[0] ?? '';
  if (outside === null) return inside[0];
  return inside[7] >= outside[7] ? inside[0] : outside[0];
}
