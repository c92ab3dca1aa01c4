import type { Completeness, Movement, StockPage, StockRow } from '#contracts/api/stock-api.ts';
import { countOf, formatCount } from '../../format/numbers.ts';
import { formatAgo, formatClock, formatMinute } from '../../format/times.ts';
import { stockKeyText } from '../../paths.ts';
import type { Tone } from '../../ui/shapes.ts';

/** A stock row as the grid shows it: with its key, and how complete its figure is. */
export interface StockLine extends StockRow {
  readonly key: string;
  readonly record: RecordState;
}

/**
 * How far a figure can be trusted: `current`; `behind`, newer events of its gateway are on their
 * way; `unknown`, nobody has heard of its gateway, so the figure is only the last one known.
 */
export type RecordState =
  | { readonly state: 'current' }
  | { readonly state: 'behind'; readonly waitingEvents: number }
  | { readonly state: 'unknown'; readonly lastHeardAt: number | null };

/** Each zone belongs to one gateway: the one that wrote the row's last event. */
export function stockLines(page: Pick<StockPage, 'rows' | 'completeness'>): readonly StockLine[] {
  const states = recordStates(page.completeness);
  return page.rows.map((row) => {
    const gateway = row.lastEvent.slice(0, row.lastEvent.indexOf('/'));
    return {
      ...row,
      key: stockKeyText(row),
      record: states.get(gateway) ?? { state: 'current' },
    };
  });
}

function recordStates(completeness: Completeness): Map<string, RecordState> {
  return new Map(
    completeness.behind.map(({ gateway, waitingEvents, lastHeardAt }) => [
      gateway,
      waitingEvents === null
        ? { state: 'unknown', lastHeardAt }
        : { state: 'behind', waitingEvents },
    ]),
  );
}

/** The state of a row's record as shape, word and colour. */
export function recordWords(
  record: RecordState,
  nowMs: number,
): { tone: Tone; words: string; hover: string } {
  switch (record.state) {
    case 'current':
      return {
        tone: 'ok',
        words: 'current',
        hover: 'Every event of its gateway is in this figure',
      };
    case 'behind':
      return {
        tone: 'warn',
        words: `${formatCount(record.waitingEvents)} waiting`,
        hover: `${countOf(record.waitingEvents, 'event')} of its gateway not yet in this figure`,
      };
    case 'unknown':
      return {
        tone: 'unknown',
        words:
          record.lastHeardAt === null
            ? 'never heard'
            : `unknown since ${formatMinute(record.lastHeardAt, nowMs)}`,
        hover: 'Nobody has heard of its gateway since: this is the last figure known',
      };
  }
}

/**
 * Until when every event that the hub had heard of is in the figures: when they were asked for, or
 * the last tick since, which says that nothing else has changed. Not later than the page is true:
 * figures that are complete to a moment are so to an earlier one.
 *
 * @param lastTickMs undefined while a change is announced that the figures do not have.
 */
export function completeToMs(
  askedMs: number,
  lastTickMs: number | undefined,
  pageAsOfMs: number | undefined,
): number {
  return Math.min(Math.max(askedMs, lastTickMs ?? 0), pageAsOfMs ?? Number.POSITIVE_INFINITY);
}

/** `complete to 14:02:31`, or which sites are not, and why. */
export function completenessWords(completeness: Completeness, nowMs: number): string {
  const at = formatClock(completeness.asOfMs);
  if (completeness.behind.length === 0) return `complete to ${at}`;
  const { behind } = completeness;
  const parts = behind.map(({ gateway, site, waitingEvents, lastHeardAt }) => {
    const several = behind.filter((other) => other.site === site).length > 1;
    const where = several ? `${site} (${gateway})` : site;
    if (waitingEvents !== null) return `${where}: ${countOf(waitingEvents, 'event')} waiting`;
    return lastHeardAt === null
      ? `${where}: never heard`
      : `${where}: unknown, last heard ${formatAgo(lastHeardAt, nowMs)}`;
  });
  return `complete to ${at}, except ${parts.join('; ')}`;
}

export interface PageDifference {
  /** The same rows in the same order: values may be put in place without moving anything. */
  readonly sameRows: boolean;
  /** Rows that are new, gone, elsewhere, or have other values. */
  readonly changed: number;
}

/** Compares what is on screen with what the hub says now. */
export function comparePages(
  shown: readonly StockLine[],
  fresh: readonly StockLine[],
): PageDifference {
  const before = new Map(shown.map((line, index) => [line.key, { line, index }]));
  let changed = 0;
  let moved = shown.length !== fresh.length;
  for (const [index, line] of fresh.entries()) {
    const was = before.get(line.key);
    if (was === undefined || was.index !== index) moved = true;
    if (was === undefined || differs(was.line, line)) changed += 1;
    before.delete(line.key);
  }
  return { sameRows: !moved, changed: changed + before.size };
}

function differs(a: StockLine, b: StockLine): boolean {
  return (
    a.quantity !== b.quantity || a.lastEvent !== b.lastEvent || a.record.state !== b.record.state
  );
}

export interface MovementSum {
  readonly inQuantity: number;
  readonly outQuantity: number;
  /** Whether these are all the lines there are, so that in − out is the figure. */
  readonly whole: boolean;
}

/** What went in and out over the lines at hand. */
export function sumMovements(rows: readonly Movement[], total: number): MovementSum {
  let inQuantity = 0;
  let outQuantity = 0;
  for (const { quantity } of rows) {
    if (quantity > 0) inQuantity += quantity;
    else outQuantity -= quantity;
  }
  return { inQuantity, outQuantity, whole: rows.length === total };
}

/**
 * Whether the lines at hand give the figure. Asked only when both are of the same moment: all lines
 * are here, and the newest is the one that last changed the row.
 */
export function linesGive(line: StockLine, rows: readonly Movement[], total: number): boolean {
  const { inQuantity, outQuantity, whole } = sumMovements(rows, total);
  const sameMoment = whole && rows[0]?.event === line.lastEvent;
  return !sameMoment || inQuantity - outQuantity === line.quantity;
}

/** `zone:a-07:available:free` → `a-07 · available`; `transit:a>b` → `in transit, a → b`. */
export function accountWords(account: string): string {
  const [type, first, status, customs] = account.split(':');
  if (type === 'zone' && first !== undefined) {
    const bonded = customs === 'bonded' ? ' · bonded' : '';
    return `${first} · ${(status ?? '').replaceAll('-', ' ')}${bonded}`;
  }
  if (type === 'transit') return `in transit, ${(first ?? '').replace('>', ' → ')}`;
  return account.replaceAll('-', ' ');
}

/** Values for a filter: those known, the chosen one always among them, in order. */
export function filterValues(known: Iterable<string>, chosen: string | undefined): string[] {
  const all = new Set(known);
  if (chosen !== undefined) all.add(chosen);
  return [...all].sort((a, b) => a.localeCompare(b));
}

export const statusTones: Record<StockRow['status'], Tone> = {
  receiving: 'info',
  'quality-hold': 'warn',
  available: 'ok',
  picking: 'info',
  packing: 'info',
  shipping: 'info',
  quarantine: 'bad',
  unverified: 'warn',
};
