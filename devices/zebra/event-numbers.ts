/**
 * Which event numbers of a reader were seen, so that a re-delivered event is known exactly and a
 * hole that stays is reported. A reader counts its events from its boot on; buffered events may
 * arrive after newer ones, so a hole is normal at first.
 *
 * `ranges` are disjoint, ascending [first number, last number, received at]: the third is when the
 * range began, which is when the hole below it was first noticed. `fromMs`..`toMs` spans the
 * reader's own times; `sinceMs` is when the boot was noticed. The newest boot comes first, the one
 * before it is kept for a while. `marks` are some of its events, ascending, each [number, its time].
 */
export type EventNumbers = { readonly boots: readonly Boot[] };

type Boot = {
  readonly fromMs: number;
  /** Absent in the state that earlier releases stored. */
  readonly marks?: readonly Mark[];
  readonly ranges: readonly Range[];
  readonly sinceMs: number;
  readonly toMs: number;
};
type Mark = readonly [number: number, claimedMs: number];
type Range = readonly [first: number, last: number, sinceMs: number];

export const noEventNumbers: EventNumbers = { boots: [] };

/** Holes that one boot may keep open, and how long one may stay open while others follow. */
export const maxRanges = 64;
export const holePatienceMs = 15 * 60_000;
/** Events of a boot whose times are kept; when there are more, every second one is let go. */
export const maxMarks = 32;
/** Events are numbered as they are seen, but for what antennas see at the same time. */
const orderSlackMs = 2000;

export interface NumberedEvent {
  readonly number: number;
  /**
   * The reader's own time of the event: a re-delivered one repeats it, a rebooted reader does
   * not.
   */
  readonly claimedMs: number;
  readonly receivedAtMs: number;
}

export interface Noted {
  readonly numbers: EventNumbers;
  readonly redelivered: boolean;
  /** Numbers given up: nobody will know them as new any more. */
  readonly missed: number;
}

/**
 * Notes one event. It is re-delivered if its number was seen in a boot that its time fits: within
 * the span of times, and no later than events with higher numbers, nor earlier than those with lower
 * ones. A number seen before with another time can only come from a reader that started over: a new
 * boot begins, and the one before is kept for late events. So a reader that started over with its
 * clock set back, into a time when it was heard already, is not taken for its own past.
 */
export function noteEvent(numbers: EventNumbers, event: NumberedEvent): Noted {
  const [current, previous] = numbers.boots;
  if (current === undefined) return begin(numbers, event);
  if (isOf(current, event) && has(current, event.number)) {
    return { numbers, redelivered: true, missed: 0 };
  }
  if (previous !== undefined && isOf(previous, event)) {
    if (has(previous, event.number)) return { numbers, redelivered: true, missed: 0 };
    if (!spans(current, event.claimedMs)) {
      return settle([current, add(previous, event)], event.receivedAtMs);
    }
  }
  if (has(current, event.number)) return begin(numbers, event);
  const grown = add(current, event);
  return settle(previous === undefined ? [grown] : [grown, previous], event.receivedAtMs);
}

function begin(numbers: EventNumbers, event: NumberedEvent): Noted {
  const { claimedMs, number, receivedAtMs } = event;
  const boot: Boot = {
    fromMs: claimedMs,
    marks: [[number, claimedMs]],
    ranges: [[number, number, receivedAtMs]],
    sinceMs: receivedAtMs,
    toMs: claimedMs,
  };
  const [previous, ...older] = numbers.boots;
  const missed = older.reduce((sum, gone) => sum + holesOf(gone), 0);
  const settled = settle(previous === undefined ? [boot] : [boot, previous], receivedAtMs);
  return { ...settled, missed: bounded(settled.missed + missed) };
}

function spans(boot: Boot, claimedMs: number): boolean {
  return claimedMs >= boot.fromMs && claimedMs <= boot.toMs;
}

/** Whether an event of that number can have that time in this boot. */
function isOf(boot: Boot, { claimedMs, number }: NumberedEvent): boolean {
  if (!spans(boot, claimedMs)) return false;
  return (boot.marks ?? []).every(([of, atMs]) => {
    return of >= number ? claimedMs <= atMs + orderSlackMs : claimedMs >= atMs - orderSlackMs;
  });
}

/** None, and for ever, once the clock was set back while numbers went on: times tell nothing then. */
function mark(marks: readonly Mark[], { claimedMs, number }: NumberedEvent): readonly Mark[] {
  const [last, before] = [marks.at(-1), marks.at(-2)];
  if (last === undefined) return marks;
  if (number > last[0] && claimedMs < last[1] - orderSlackMs) return [];
  const stride = before === undefined ? 1 : last[0] - before[0];
  if (number < last[0] + stride || claimedMs < last[1]) return marks;
  const grown = [...marks, [number, claimedMs] as const];
  return grown.length <= maxMarks ? grown : grown.filter((_, at) => at % 2 === 0);
}

function has(boot: Boot, number: number): boolean {
  return boot.ranges.some(([first, last]) => number >= first && number <= last);
}

function add(boot: Boot, event: NumberedEvent): Boot {
  const { number, claimedMs, receivedAtMs } = event;
  return {
    fromMs: Math.min(boot.fromMs, claimedMs),
    marks: mark(boot.marks ?? [[number, claimedMs]], event),
    ranges: addNumber(boot.ranges, number, receivedAtMs),
    sinceMs: boot.sinceMs,
    toMs: Math.max(boot.toMs, claimedMs),
  };
}

function addNumber(ranges: readonly Range[], number: number, receivedAtMs: number): Range[] {
  const below = ranges.filter(([, last]) => last < number);
  const above = ranges.slice(below.length);
  const [left, right] = [below.at(-1), above[0]];
  const joinsLeft = left !== undefined && left[1] + 1 === number;
  const joinsRight = right !== undefined && right[0] - 1 === number;
  const kept = joinsLeft ? below.slice(0, -1) : below;
  const rest = joinsRight ? above.slice(1) : above;
  const joined: Range = [
    joinsLeft ? left[0] : number,
    joinsRight ? right[1] : number,
    joinsLeft ? left[2] : joinsRight ? right[2] : receivedAtMs,
  ];
  return [...kept, joined, ...rest];
}

/** Gives up holes that are too old or too many, and in time the boot before the current one. */
function settle([current, previous]: readonly [Boot, Boot?], nowMs: number): Noted {
  const settled = settleHoles(current, nowMs);
  if (previous === undefined) return noted([settled.boot], settled.missed);
  if (isDue(current.sinceMs, nowMs)) {
    return noted([settled.boot], settled.missed + holesOf(previous));
  }
  const before = settleHoles(previous, nowMs);
  return noted([settled.boot, before.boot], settled.missed + before.missed);
}

function noted(boots: readonly Boot[], missed: number): Noted {
  return { numbers: { boots }, redelivered: false, missed: bounded(missed) };
}

/** Numbers far apart over several boots could add up to more than an exact integer. */
function bounded(missed: number): number {
  return Math.min(missed, Number.MAX_SAFE_INTEGER);
}

function isDue(sinceMs: number, nowMs: number): boolean {
  return nowMs - sinceMs > holePatienceMs;
}

function settleHoles(boot: Boot, nowMs: number): { boot: Boot; missed: number } {
  const overdue = boot.ranges.findLastIndex(([, , since], at) => at > 0 && isDue(since, nowMs));
  const surplus = boot.ranges.length - maxRanges;
  const closing = Math.max(overdue, surplus);
  if (closing <= 0) return { boot, missed: 0 };
  const closed = boot.ranges.slice(0, closing + 1);
  const [lowest, highest] = [closed[0], closed.at(-1)];
  if (lowest === undefined || highest === undefined) return { boot, missed: 0 };
  const joined: Range = [lowest[0], highest[1], lowest[2]];
  const ranges = [joined, ...boot.ranges.slice(closing + 1)];
  return { boot: { ...boot, ranges }, missed: holesOf({ ...boot, ranges: closed }) };
}

function holesOf({ ranges }: Boot): number {
  let missed = 0;
  let last: number | undefined;
  for (const range of ranges) {
    if (last !== undefined) missed += range[0] - last - 1;
    last = range[1];
  }
  return missed;
}
