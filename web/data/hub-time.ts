import type { Clock } from '#contracts/time.ts';

/** So many readings are weighed; an older one has no say, so that a clock that was set is followed. */
const weighed = 4;

/**
 * What time it is at the hub, so that "12 s ago" is right in a browser whose clock is not. Each
 * answer and tick tells the hub's time; transit only ever delays it, so of the last few readings the
 * one furthest ahead is the truest, carried on by the clock that never goes back.
 */
export class HubTime implements Pick<Clock, 'nowMs'> {
  readonly #clock: Clock;
  /** Hub time minus our monotonic time, newest last. */
  #offsetsMs: readonly number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  observe(hubMs: number): void {
    const offsetMs = hubMs - this.#clock.monotonicMs();
    this.#offsetsMs = [...this.#offsetsMs, offsetMs].slice(-weighed);
  }

  /** Whole milliseconds, as every time on the wire is; the browser's own clock counts parts. */
  nowMs(): number {
    if (this.#offsetsMs.length === 0) return Math.round(this.#clock.nowMs());
    return Math.round(Math.max(...this.#offsetsMs) + this.#clock.monotonicMs());
  }
}
