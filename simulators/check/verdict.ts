import type { Finding } from './finding.ts';

/** What the checker found, in the words of the result line. */
export interface Verdict {
  readonly lost: number;
  readonly doubled: number;
  readonly chain: 'ok' | 'broken';
  readonly missingGaps: number;
  readonly findings: readonly Finding[];
}

export function judge(findings: readonly Finding[]): Verdict {
  const count = (kind: Finding['kind']) => findings.filter((one) => one.kind === kind).length;
  return {
    lost: count('lost'),
    doubled: count('doubled'),
    chain: count('chain') === 0 ? 'ok' : 'broken',
    missingGaps: count('gap'),
    findings,
  };
}

export function isClean(verdict: Verdict): boolean {
  return verdict.findings.length === 0;
}
