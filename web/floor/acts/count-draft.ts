import type { FloorCountSheet } from '#contracts/api/floor-api.ts';
import type { ActOf } from '#contracts/acts.ts';
import type { GoodsSubject } from '../scan/subject.ts';

/** A blind count in progress: what to count, and what was found so far. Nobody is told the book. */

export interface CountLine {
  readonly item: string;
  readonly lot: string | null;
  readonly owner: string | null;
  readonly handlingUnit: string | null;
  /** Undefined: not counted yet, which is not zero. */
  readonly found: number | undefined;
  /** It is not on the sheet: it was found here all the same. */
  readonly extra: boolean;
  /** EPCs that were scanned, so that none counts twice. */
  readonly epcs: readonly string[];
}

export interface CountDraft {
  readonly zone: string;
  readonly recountOf: string | null;
  readonly lines: readonly CountLine[];
}

export function draftOf(sheet: FloorCountSheet): CountDraft {
  return {
    zone: sheet.zone,
    recountOf: sheet.recountOf,
    lines: sheet.lines.map(({ item, lot, owner, handlingUnit }) => ({
      item,
      lot,
      owner,
      handlingUnit,
      found: undefined,
      extra: false,
      epcs: [],
    })),
  };
}

/** What was counted before a reload goes on where the sheet still asks the same. */
export function resumed(draft: CountDraft, stored: CountDraft | undefined): CountDraft {
  if (stored?.zone !== draft.zone || stored.recountOf !== draft.recountOf) return draft;
  const before = new Map(stored.lines.map((line) => [lineKey(line), line]));
  const lines = draft.lines.map((line) => before.get(lineKey(line)) ?? line);
  const keys = new Set(draft.lines.map(lineKey));
  const extras = stored.lines.filter((line) => line.extra && !keys.has(lineKey(line)));
  return { ...draft, lines: [...lines, ...extras] };
}

/** A person said how many; undefined takes it back. */
export function withFound(draft: CountDraft, key: string, found: number | undefined): CountDraft {
  return changed(draft, key, (line) => ({ ...line, found }));
}

/**
 * A scan counts one more (or as many as the code says) of the line it fits: its item and, if the
 * code says one, its lot; loose goods before those in a unit. What is on no line is found extra.
 */
export function withScan(draft: CountDraft, subject: GoodsSubject): CountDraft {
  const { item, lot = null, epc, count } = subject;
  if (epc !== undefined && draft.lines.some(({ epcs }) => epcs.includes(epc))) return draft;
  const fitting = draft.lines
    .filter((line) => line.item === item && (lot === null || line.lot === lot))
    .sort((a, b) => Number(a.handlingUnit !== null) - Number(b.handlingUnit !== null));
  const more = epc === undefined ? (count ?? 1) : 1;
  const epcs = epc === undefined ? [] : [epc];
  const [line] = fitting;
  if (line === undefined) {
    const extra = { item, lot, owner: null, handlingUnit: null, found: more, extra: true, epcs };
    return { ...draft, lines: [...draft.lines, extra] };
  }
  return changed(draft, lineKey(line), (before) => ({
    ...before,
    found: (before.found ?? 0) + more,
    epcs: [...before.epcs, ...epcs],
  }));
}

/** How many lines nobody said a figure for. */
export function openLines(draft: CountDraft): number {
  return draft.lines.filter(({ found }) => found === undefined).length;
}

/** What the act says: lines without a figure were looked for and not found. */
export function foundOf({ lines }: CountDraft): ActOf<'count'>['found'] {
  return lines.map(({ item, lot, owner, handlingUnit, found }) => ({
    item,
    quantity: found ?? 0,
    ...(lot === null ? {} : { lot }),
    ...(owner === null ? {} : { owner }),
    ...(handlingUnit === null ? {} : { handlingUnit }),
  }));
}

export function lineKey(line: Pick<CountLine, 'item' | 'lot' | 'owner' | 'handlingUnit'>): string {
  return [line.item, line.lot ?? '', line.owner ?? '', line.handlingUnit ?? ''].join('\n');
}

function changed(
  draft: CountDraft,
  key: string,
  change: (line: CountLine) => CountLine,
): CountDraft {
  const lines = draft.lines.map((line) => (lineKey(line) === key ? change(line) : line));
  return { ...draft, lines };
}
