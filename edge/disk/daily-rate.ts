/** What is known of a rate: sums that fade, so that what is a day old counts a third of the present. */
export interface DailyRate {
  readonly amount: number;
  readonly durationMs: number;
}

export const unknownRate: DailyRate = { amount: 0, durationMs: 0 };

const dayMs = 24 * 3_600_000;
/** Before this much was seen, nothing is said: a start writes more than a day does. */
const leastMs = 600_000;

/**
 * Exponentially weighted mean with a time constant of one day, corrected for its short beginning
 * (the weights of what was seen sum to one). Pure.
 */
export function observed(rate: DailyRate, amount: number, durationMs: number): DailyRate {
  const fading = Math.exp(-durationMs / dayMs);
  // The new span fades within itself too: its mean weight, times what came in it.
  const weight = durationMs === 0 ? 1 : ((1 - fading) * dayMs) / durationMs;
  return {
    amount: rate.amount * fading + amount * weight,
    durationMs: rate.durationMs * fading + durationMs * weight,
  };
}

/** @returns amount per day; undefined until ten minutes are known. */
export function perDay({ amount, durationMs }: DailyRate): number | undefined {
  return durationMs < leastMs * 0.99 ? undefined : (amount / durationMs) * dayMs;
}
