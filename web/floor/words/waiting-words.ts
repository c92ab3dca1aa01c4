import { countOf } from '../../format/numbers.ts';
import type { WaitingFor } from '../acts/act-outbox.ts';

/** Whose acts lie on this device: `2 acts of Mia Berg and 1 act of Ole Lund`; empty: none do. */
export function waitingForWords(others: readonly WaitingFor[]): string {
  const each = others.map(({ count, name }) => `${countOf(count, 'act')} of ${name}`);
  return each.length < 2 ? each.join() : `${each.slice(0, -1).join(', ')} and ${each.at(-1)}`;
}
