/** The timeline's geometry: pure functions from times to places. */

export type BandTone = 'live' | 'cut' | 'draining' | 'trouble' | 'unknown';

export interface Band {
  /** What it belongs to; bands of one incident share it. */
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly tone: BandTone;
  /** What happened, in a line. Empty: the band before it says it. */
  readonly words: string;
}

export interface Lane {
  readonly id: string;
  readonly label: string;
  readonly sub: string;
  /** What the lane is where no band is. */
  readonly ground: 'live' | 'unknown';
  readonly bands: readonly Band[];
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const minute = 60_000;
const hour = 60 * minute;
const steps = [
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  24 * hour,
];

/** Round times within the span, as many as there is room for, in the zone that is so far from UTC. */
export function ticksOf(span: Span, roomFor: number, zoneOffsetMs: number): number[] {
  const lengthMs = span.toMs - span.fromMs;
  const step = steps.find((each) => lengthMs / each <= roomFor) ?? 24 * hour;
  const ticks: number[] = [];
  const first = Math.ceil((span.fromMs + zoneOffsetMs) / step) * step - zoneOffsetMs;
  for (let at = first; at <= span.toMs; at += step) ticks.push(at);
  return ticks;
}

export interface Box {
  readonly x: number;
  readonly width: number;
}

/** However short it was, it is seen. */
const leastWidth = 4;

/** Where a band stands on a strip of this width; undefined where it is outside the span. */
export function boxOf(band: Span, span: Span, width: number): Box | undefined {
  if (band.toMs < span.fromMs || band.fromMs > span.toMs) return undefined;
  const scale = width / (span.toMs - span.fromMs);
  const left = Math.max(0, (band.fromMs - span.fromMs) * scale);
  const right = Math.min(width, (band.toMs - span.fromMs) * scale);
  const wide = Math.max(leastWidth, right - left);
  return { x: Math.min(left, width - wide), width: wide };
}

/** What was worse covers what was less: a cut is seen, however soon its backlog had drained. */
const ranks: Record<BandTone, number> = { live: 0, unknown: 1, draining: 2, trouble: 3, cut: 4 };

/** Bands in the order in which they are drawn; the last is on top. */
export function drawOrder(bands: readonly Band[]): readonly Band[] {
  return [...bands].sort((a, b) => ranks[a.tone] - ranks[b.tone]);
}

export interface Label {
  readonly band: Band;
  readonly x: number;
  readonly anchor: 'start' | 'end';
}

/**
 * Places the bands' words under them: from the band's start, or flush right where
 * there is no room. The newest are placed first; what would overlap is left to the table.
 */
export function placeLabels(
  bands: readonly Band[],
  span: Span,
  width: number,
  widthOf: (words: string) => number,
): readonly Label[] {
  const taken: { left: number; right: number }[] = [];
  const labels: Label[] = [];
  for (const band of [...bands].sort((a, b) => b.fromMs - a.fromMs)) {
    const box = boxOf(band, span, width);
    if (box === undefined || band.words === '') continue;
    const long = widthOf(band.words);
    const fits = box.x + long <= width;
    const right = fits ? box.x + long : width;
    const left = right - long;
    if (left < 0 || taken.some((each) => left < each.right + 10 && right > each.left - 10))
      continue;
    taken.push({ left, right });
    labels.push({ band, x: fits ? left : right, anchor: fits ? 'start' : 'end' });
  }
  return labels;
}
