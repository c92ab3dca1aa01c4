/**
 * How sure a number of agreeing reads makes a fact, in permille: Laplace's rule of succession, the
 * probability that one more read agrees after `reads` of them did. One read gives 666, five 857,
 * ten 916; no number of reads gives 1000.
 */
export function certaintyPermille(reads: number): number {
  return Math.floor((1000 * (reads + 1)) / (reads + 2));
}

/**
 * How far each source is believed by itself, in permille. A document says what somebody meant to
 * send; a counter jams and double-counts; a scan has a check digit.
 */
export const sourcePermille = {
  climate: 950,
  document: 950,
  unit: 950,
  scan: 995,
  person: 990,
} as const;

/**
 * How sure independent sources are together, in permille, at most 999: the product of their odds
 * (naive Bayes with even prior odds; Genest and Zidek 1986, independent opinions). Sources that
 * disagree count against it.
 */
export function jointPermille(agreeing: readonly number[], disagreeing: readonly number[] = []) {
  let odds = 1;
  for (const permille of agreeing) odds *= oddsOf(permille);
  for (const permille of disagreeing) odds /= oddsOf(permille);
  return Math.min(999, Math.floor((1000 * odds) / (1 + odds)));
}

function oddsOf(permille: number): number {
  const kept = Math.min(999, Math.max(1, permille));
  return kept / (1000 - kept);
}
