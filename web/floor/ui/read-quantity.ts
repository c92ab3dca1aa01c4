import { formatCount } from '../../format/numbers.ts';

export type QuantityRead =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly fault: string };

/** Reads what somebody typed for a quantity. Groups may be parted by spaces, nothing is guessed. */
export function readQuantity(
  text: string,
  least: number,
  most: number,
  mostWhy: string,
): QuantityRead {
  const digits = text.replaceAll(/[\s\u202f]/g, '');
  if (!/^\d{1,10}$/.test(digits)) return { ok: false, fault: 'A whole number is wanted' };
  const value = Number(digits);
  if (value < least) return { ok: false, fault: `At least ${formatCount(least)}` };
  if (value > most) {
    const why = mostWhy === '' ? '' : ` (${mostWhy})`;
    return { ok: false, fault: `At most ${formatCount(most)}${why}` };
  }
  return { ok: true, value };
}
