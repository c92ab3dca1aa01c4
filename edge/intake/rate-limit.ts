import type { RateLimits } from '../config/mqtt-config.ts';

/** Without a burst of its own, a device may send at once what its rate gives in this time. */
const burstMs = 10_000;

/** Tokens that come at a rate, up to so many; below zero, they are owed. */
interface Bucket {
  readonly perS: number;
  readonly most: number;
  left: number;
}

/**
 * How much one device may send: a token bucket of messages and one of bytes, full at the start. What
 * was read is taken in any case, so that a bucket may go below zero; then nothing is read of the
 * device until that is paid back. Nothing is ever dropped.
 */
export class RateLimit {
  /** Taken since the last `read`: counting is all that a message costs. */
  messages = 0;
  #ofMessages: Bucket | undefined;
  #ofBytes: Bucket | undefined;
  #limits: RateLimits = {};
  #atMs = 0;

  get limits(): RateLimits {
    return this.#limits;
  }

  /** Other limits begin with full buckets. */
  set(limits: RateLimits, nowMs: number): void {
    const { burstMessages, bytesPerS, messagesPerS } = limits;
    this.#limits = limits;
    this.#ofMessages = bucket(messagesPerS, burstMessages);
    this.#ofBytes = bucket(bytesPerS);
    this.#atMs = nowMs;
  }

  /**
   * So many bytes were read, and the messages in them were counted.
   *
   * @param nowMs monotonic, or at least never back
   * @returns for how long nothing more may be read, in ms; 0: go on
   */
  read(bytes: number, nowMs: number): number {
    const { messages } = this;
    this.messages = 0;
    if (this.#ofMessages === undefined && this.#ofBytes === undefined) return 0;
    const forMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    return Math.max(spend(this.#ofMessages, messages, forMs), spend(this.#ofBytes, bytes, forMs));
  }
}

function bucket(perS: number | undefined, burst?: number): Bucket | undefined {
  if (perS === undefined) return undefined;
  const most = burst ?? (perS * burstMs) / 1000;
  return { perS, most, left: most };
}

/** @returns for how long it is owed. */
function spend(of: Bucket | undefined, tokens: number, forMs: number): number {
  if (of === undefined) return 0;
  of.left = Math.min(of.most, of.left + (forMs * of.perS) / 1000) - tokens;
  return of.left >= 0 ? 0 : Math.ceil((-of.left / of.perS) * 1000);
}
