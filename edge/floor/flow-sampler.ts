const perSecond = 10;
const burst = 20;

/**
 * Of a flood, so many as a person can follow: a token bucket, ten a second after a burst of twenty.
 * What is left out is counted.
 */
export class FlowSampler {
  #tokens = burst;
  #atMs: number;
  #skipped = 0;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Whether to show one more. @param nowMs monotonic */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) * perSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#tokens < 1) {
      this.#skipped += 1;
      return false;
    }
    this.#tokens -= 1;
    return true;
  }

  skip(): void {
    this.#skipped += 1;
  }

  /** How many were left out since this was last asked. */
  takeSkipped(): number {
    const skipped = this.#skipped;
    this.#skipped = 0;
    return skipped;
  }
}
