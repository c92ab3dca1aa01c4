/**
 * Which tags have no good value, and for how long. Pure: times come in, gaps to report come out.
 * A stretch is reported when it ends, and in slices while it goes on, so that a tag that never
 * comes back is on record; slices of one tag follow each other without overlap.
 */
export interface GapBook {
  readonly open: ReadonlyMap<string, OpenGap>;
}

interface OpenGap {
  /** Up to here the stretch is reported, or here it began. */
  readonly fromMs: number;
  readonly nextReportMs: number;
  readonly sliceMs: number;
}

/** Tags that had no good value between two times. */
export interface BadStretch {
  readonly channels: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export const emptyGapBook: GapBook = { open: new Map() };

const firstSliceMs = 10_000;
const maxSliceMs = 3_600_000;

export interface BookStep {
  readonly book: GapBook;
  readonly gaps: readonly BadStretch[];
}

/** What one notification says of tags: of each, whether its newest value is good. */
export function noteStatuses(
  book: GapBook,
  statuses: readonly { readonly tag: string; readonly isGood: boolean }[],
  nowMs: number,
): BookStep {
  const open = new Map(book.open);
  const ended: OpenGap[] = [];
  for (const { tag, isGood } of statuses) {
    const gap = open.get(tag);
    if (isGood && gap !== undefined) {
      ended.push(gap);
      open.delete(tag);
    } else if (!isGood && gap === undefined) {
      open.set(tag, { fromMs: nowMs, nextReportMs: nowMs + firstSliceMs, sliceMs: firstSliceMs });
    }
  }
  return { book: { open }, gaps: merge(ended, nowMs) };
}

/** Reports the slices that are due; each is twice as long as the one before, up to an hour. */
export function dueGaps(book: GapBook, nowMs: number): BookStep {
  const due = [...book.open].filter(([, gap]) => nowMs >= gap.nextReportMs);
  if (due.length === 0) return { book, gaps: [] };
  const open = new Map(book.open);
  for (const [tag, gap] of due) {
    const sliceMs = Math.min(gap.sliceMs * 2, maxSliceMs);
    open.set(tag, { fromMs: nowMs, nextReportMs: nowMs + sliceMs, sliceMs });
  }
  return {
    book: { open },
    gaps: merge(
      due.map(([, gap]) => gap),
      nowMs,
    ),
  };
}

/** Ends every stretch: the session is gone, or the driver stops, and another gap takes over. */
export function closeGaps(book: GapBook, nowMs: number): BookStep {
  return { book: emptyGapBook, gaps: merge([...book.open.values()], nowMs) };
}

/** One report for all stretches that began in the same second, as tags of one PLC do. */
function merge(ended: readonly OpenGap[], toMs: number): BadStretch[] {
  const stretches: { channels: number; fromMs: number; toMs: number }[] = [];
  for (const { fromMs } of [...ended].sort((a, b) => a.fromMs - b.fromMs)) {
    if (fromMs >= toMs) continue;
    const last = stretches.at(-1);
    if (last !== undefined && fromMs - last.fromMs < 1000) last.channels += 1;
    else stretches.push({ channels: 1, fromMs, toMs });
  }
  return stretches;
}
