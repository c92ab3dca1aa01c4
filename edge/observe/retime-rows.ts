import { encodeCanonical, type Canonical } from '#contracts/canonical.ts';
import type { StateRow } from './state-row.ts';

/**
 * Machines whose numbers are quantities, or times that others set and that may well lie ahead: a
 * delivery expected tomorrow stays so.
 */
const untouched = new Set([
  'book',
  'config',
  'content',
  'decode',
  'document',
  'document-line',
  'failed-entries',
  'inside',
  'lease-use',
  'quantity',
  'revoked',
  'serial-kind',
  'stock-base',
]);
/** The second in which timers were last looked at. */
const secondMachine = 'second';
const slackMs = 3_600_000;
const timeNames = /(?:Ms|At)$/;

/**
 * States after the clock went back from `fromMs` to `toMs`. What happened in the time that is
 * forgotten counts as having happened at `toMs`: otherwise nothing would be silent, absent or
 * expired before the clock has caught up, which may take years. Times are numbers of that span, in
 * records those whose name says so, in lists all.
 *
 * @returns the rows that change.
 */
export function retimeRows(rows: Iterable<StateRow>, fromMs: number, toMs: number): StateRow[] {
  const limitMs = fromMs + slackMs;
  const retime = (value: Canonical): Canonical => {
    if (typeof value === 'number') return value > toMs && value <= limitMs ? toMs : value;
    if (typeof value !== 'object' || value === null) return value;
    if (isList(value)) return value.map(retime);
    return Object.fromEntries(
      Object.entries(value).map(([name, one = null]) => {
        const isOther = typeof one === 'number' && !timeNames.test(name);
        return [name, isOther ? one : retime(one)];
      }),
    );
  };
  const changed: StateRow[] = [];
  for (const row of rows) {
    const { machine, value } = row;
    if (value === null || untouched.has(machine)) continue;
    const before = JSON.parse(value) as Canonical;
    const after = machine === secondMachine ? Math.floor(toMs / 1000) : retime(before);
    const text = encodeCanonical(after);
    if (text !== value) changed.push({ ...row, value: text });
  }
  return changed;
}

function isList(value: object): value is readonly Canonical[] {
  return Array.isArray(value);
}
