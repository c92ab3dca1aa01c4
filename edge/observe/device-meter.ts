import { unreadableTime } from '#contracts/time.ts';

/**
 * Figures of one device for the console: how often it reads and how far its clock is off. They are
 * shown and decide nothing, so they are not stored.
 */
export class DeviceMeter {
  #minute = 0;
  #reads = 0;
  #readsBefore = 0;
  readonly #skews: number[] = [];
  #skewAt = 0;

  /** @param claimedMs what the device said of the time, believed or not */
  read(nowMs: number, reads: number, claimedMs: number | undefined): void {
    this.#turnTo(nowMs);
    this.#reads += Math.min(reads, maxReads);
    if (claimedMs === undefined || claimedMs === unreadableTime) return;
    const skewMs = Math.max(-maxSkewMs, Math.min(maxSkewMs, claimedMs - nowMs));
    this.#skews[this.#skewAt] = skewMs;
    this.#skewAt = (this.#skewAt + 1) % skewSamples;
  }

  /** Over the sixty seconds before `nowMs`, taking the minute before as evenly filled. */
  readsPerMinute(nowMs: number): number {
    this.#turnTo(nowMs);
    const share = 1 - (nowMs % minuteMs) / minuteMs;
    return Math.round(this.#reads + this.#readsBefore * share);
  }

  /**
   * Device minus gateway, of the last readings. Delay only ever makes a reading look late, and a
   * buffer being emptied very late, so the upper quartile is nearer to the clock than the median.
   */
  clockSkewMs(): number | undefined {
    const sorted = this.#skews.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.75)];
  }

  #turnTo(nowMs: number): void {
    const minute = Math.floor(nowMs / minuteMs);
    if (minute <= this.#minute) return;
    this.#readsBefore = minute === this.#minute + 1 ? this.#reads : 0;
    this.#reads = 0;
    this.#minute = minute;
  }
}

const minuteMs = 60_000;
/** What one report may claim. */
const maxReads = 1_000_000;
const skewSamples = 31;
/** A clock further off than a century is shown as that far off. */
const maxSkewMs = 100 * 365 * 24 * 3_600_000;
