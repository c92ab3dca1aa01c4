import type { FloorDocument } from '#contracts/api/floor-api.ts';
import { countOf, formatCount } from '../../format/numbers.ts';
import type { Tone } from '../../ui/shapes.ts';
import type { GoodsSubject } from '../scan/subject.ts';

/** An expected receipt as the floor reads it: what is expected, what came, what is left. */

export type ReceiptLine = FloorDocument['lines'][number];

/**
 * Never below zero: more than expected leaves nothing, and is said as over. What is not shown to who
 * counts may all be left.
 */
export function leftOf({ expected, seen }: Pick<ReceiptLine, 'expected' | 'seen'>): number {
  return Math.max(0, expected - (seen ?? 0));
}

/** Whether the things of a line are taken in or out one by one. */
export function isBySerial(
  { tracking }: Pick<ReceiptLine, 'tracking'>,
  of: Pick<FloorDocument, 'type'> | undefined,
): boolean {
  return tracking === 'serial' || tracking === `serial-at-${of?.type ?? 'receipt'}`;
}

/** How much of a line may be taken at once, and what is proposed, if anything. */
export function quantitiesOf(line: ReceiptLine): {
  readonly most: number;
  readonly proposed: number | undefined;
  /** In words: `12 left of 48`. */
  readonly left: string;
} {
  const { expected, room, seen } = line;
  if (room === null || seen === null) {
    const left = `${formatCount(expected)} expected`;
    return { most: Math.max(1, expected), proposed: undefined, left };
  }
  const left = `${formatCount(leftOf(line))} left of ${formatCount(expected)}`;
  return { most: Math.max(1, room), proposed: Math.min(room, leftOf(line)) || undefined, left };
}

export function lineState(line: ReceiptLine): { readonly tone: Tone; readonly words: string } {
  const { expected, seen } = line;
  if (seen === null) return { tone: 'unknown', words: 'not shown' };
  if (seen > expected) return { tone: 'bad', words: `${formatCount(seen - expected)} over` };
  if (seen === expected) return { tone: 'ok', words: 'complete' };
  const tone = seen === 0 ? 'plain' : 'warn';
  return { tone, words: `${formatCount(expected - seen)} left` };
}

/** Lines that still want something first, in the order of the document. */
export function sortedLines(lines: readonly ReceiptLine[]): readonly ReceiptLine[] {
  return [...lines].sort(
    (a, b) => Number(leftOf(a) === 0) - Number(leftOf(b) === 0) || a.line - b.line,
  );
}

/**
 * The line that a scan means: its item and, if the code says one, its lot; among several the first
 * that still has room, else the first.
 */
export function lineFor(
  lines: readonly ReceiptLine[],
  { item, lot }: Pick<GoodsSubject, 'item' | 'lot'>,
): ReceiptLine | undefined {
  const fitting = lines.filter(
    (line) => line.item === item && (lot === undefined || line.lot === null || line.lot === lot),
  );
  return fitting.find(({ room }) => room !== 0) ?? fitting[0];
}

/** What closing now would leave open, in words; undefined: nothing. */
export function differenceWords(lines: readonly ReceiptLine[]): string | undefined {
  if (lines.some(({ seen }) => seen === null)) return 'what came is not shown while it is counted';
  const short = lines.filter((line) => leftOf(line) > 0);
  const over = lines.filter(({ seen, expected }) => (seen ?? 0) > expected);
  const parts = [
    short.length === 0
      ? undefined
      : `${countOf(sum(short.map(leftOf)), 'unit')} short on ${countOf(short.length, 'line')}`,
    over.length === 0
      ? undefined
      : `${countOf(sum(over.map((line) => (line.seen ?? 0) - line.expected)), 'unit')} over on ${countOf(over.length, 'line')}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(', ');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
