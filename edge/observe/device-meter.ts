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
  #off: ClockOff | undefined;
  #isFresh = false;

  /** @param claimedMs what the device said of the time, believed or not */
  read(nowMs: number, reads: number, claimedMs: number | undefined): void {
    this.#turnTo(nowMs);
    this.#reads += Math.min(reads, maxReads);
    if (claimedMs === undefined || claimedMs === unreadableTime) return;
    const skewMs = Math.max(-maxSkewMs, Math.min(maxSkewMs, claimedMs - nowMs));
    this.#isFresh = true;
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

  /**
   * Whether its clock is off, and since when: what it says of the time counts as it says it, so that
   * somebody should set it. A buffer that is emptied looks like a clock that is behind, but is not
   * emptied for ever, and what is silent afterwards shows nothing new.
   */
  clockOff(nowMs: number): ClockOff | undefined {
    if (!this.#isFresh) return isCertain(this.#off, this.#off?.seenMs) ? this.#off : undefined;
    this.#isFresh = false;
    const skewMs = this.clockSkewMs();
    const isOff = skewMs !== undefined && Math.abs(skewMs) > tolerableSkewMs;
    this.#off = isOff ? { sinceMs: this.#off?.sinceMs ?? nowMs, seenMs: nowMs, skewMs } : undefined;
    return isCertain(this.#off, nowMs) ? this.#off : undefined;
  }

  #turnTo(nowMs: number): void {
    const minute = Math.floor(nowMs / minuteMs);
    if (minute <= this.#minute) return;
    this.#readsBefore = minute === this.#minute + 1 ? this.#reads : 0;
    this.#reads = 0;
    this.#minute = minute;
  }
}

/** Device minus gateway, since when, and when that was seen last. */
export interface ClockOff {
  readonly skewMs: number;
  readonly sinceMs: number;
  readonly seenMs: number;
}

function isCertain(off: ClockOff | undefined, atMs = 0): boolean {
  if (off === undefined) return false;
  return atMs - off.sinceMs >= (off.skewMs > 0 ? aheadForMs : behindForMs);
}

const minuteMs = 60_000;
/** What a time server that is asked now and then leaves. */
const tolerableSkewMs = 30_000;
const aheadForMs = 10_000;
/** No buffer takes longer to be emptied. */
const behindForMs = 10 * minuteMs;
/** What one report may claim. */
const maxReads = 1_000_000;
const skewSamples = 31;
/** A clock further off than a century is shown as that far off. */
const maxSkewMs = 100 * 365 * 24 * 3_600_000;
