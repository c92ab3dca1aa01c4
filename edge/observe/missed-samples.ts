/**
 * Samples that a device's own numbering shows to be missing. Losses that follow each other closely
 * are one gap. One machine per device; times by the gateway's clock.
 */
export type MissedSamples = {
  readonly saidAtMs: number;
  /** The gap that waits to be said; null if there is none. */
  readonly fromMs: number | null;
  readonly toMs: number;
};

export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

interface MissedStep {
  readonly state: MissedSamples;
  readonly gap?: Gap;
}

const sayEveryMs = 10_000;

/** `lastHeardMs` is the last message before the loss showed: the loss lies after it. */
export function miss(
  state: MissedSamples | undefined,
  nowMs: number,
  lastHeardMs: number,
): MissedStep {
  const { saidAtMs, fromMs } = state ?? { saidAtMs: -Infinity, fromMs: null };
  return flushMissed({ saidAtMs, fromMs: fromMs ?? lastHeardMs, toMs: nowMs }, nowMs);
}

export function flushMissed(state: MissedSamples, nowMs: number): MissedStep {
  const { saidAtMs, fromMs, toMs } = state;
  if (fromMs === null || nowMs - saidAtMs < sayEveryMs) return { state };
  return { state: { saidAtMs: nowMs, fromMs: null, toMs }, gap: { fromMs, toMs } };
}
