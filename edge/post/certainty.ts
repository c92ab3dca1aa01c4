/**
 * How sure a number of agreeing reads makes a fact, in permille: Laplace's rule of succession, the
 * probability that one more read agrees after `reads` of them did. One read gives 666, five 857,
 * ten 916; no number of reads gives 1000.
 */
export function certaintyPermille(reads: number): number {
  return Math.floor((1000 * (reads + 1)) / (reads + 2));
}
