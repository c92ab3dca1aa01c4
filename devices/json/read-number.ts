/** Why a field gives no number; both are quarantine reasons. */
export type NumberTrouble = 'wrong-type' | 'not-a-number';

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const nonFinite = /^[+-]?(?:nan|inf|infinity)$/i;

/**
 * Reads a number that a device may have written as a string (`"-72"`).
 *
 * @returns undefined where the field is absent or null, and a trouble where it holds something
 * else: `not-a-number` for NaN, an infinity or a value too large for a double, else `wrong-type`.
 */
export function readNumber(value: unknown): number | undefined | NumberTrouble {
  if (typeof value === 'number') return Number.isFinite(value) ? value : 'not-a-number';
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') return 'wrong-type';
  const text = value.trim();
  if (nonFinite.test(text)) return 'not-a-number';
  if (!decimal.test(text)) return 'wrong-type';
  const parsed = Number(text);
  return Number.isFinite(parsed) ? parsed : 'not-a-number';
}

/** As readNumber, for counts and port numbers: a fraction or an unsafe integer is `wrong-type`. */
export function readInteger(value: unknown): number | undefined | NumberTrouble {
  const number = readNumber(value);
  if (typeof number !== 'number') return number;
  if (!Number.isSafeInteger(number)) return 'wrong-type';
  return number === 0 ? 0 : number;
}

/**
 * As readNumber, for a measured value whose unit is `1 / factor` of what the device reports: -34
 * dBm with factor 100 is -3400. Too large for an exact integer is `not-a-number`.
 */
export function readRounded(value: unknown, factor = 1): number | undefined | NumberTrouble {
  const number = readNumber(value);
  if (typeof number !== 'number') return number;
  const rounded = Math.round(number * factor);
  if (!Number.isSafeInteger(rounded)) return 'not-a-number';
  return rounded === 0 ? 0 : rounded;
}
