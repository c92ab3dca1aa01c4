const firstMs = 500;
const longestMs = 60_000;

/**
 * How long to wait after so many failures in a row (from 1): doubled each time up to a minute, of
 * which the latter half is by chance, so that many gateways do not call together.
 *
 * @param random from 0 up to 1
 */
export function retryWaitMs(failures: number, random: number): number {
  const ceilingMs = Math.min(longestMs, firstMs * 2 ** Math.min(20, failures - 1));
  return Math.round(ceilingMs * (0.5 + random / 2));
}
