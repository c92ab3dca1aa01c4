/** When a key is due; Infinity holds it until released, undefined forgets it. */
export type DueOf = (key: string) => number | undefined;

/**
 * Keys by the span of time they are due in, so that a tick looks only at what may be due. Its due
 * time may move later without telling: it is looked up again when its span comes. When it moves
 * earlier, the key has to be added again, and may then be given twice; a changed policy rebuilds
 * the whole.
 *
 * What `take` returns follows from `dueOf` alone and not from where a key was filed, so that a
 * rebuilt expiry behaves as the one before.
 */
export class Expiry {
  readonly #bucketMs: number;
  readonly #buckets = new Map<number, string[]>();
  readonly #held = new Set<string>();

  constructor(bucketMs = 1000) {
    this.#bucketMs = bucketMs;
  }

  add(key: string, dueMs: number): void {
    if (dueMs === Infinity) {
      this.#held.add(key);
      return;
    }
    const bucket = Math.floor(dueMs / this.#bucketMs);
    const keys = this.#buckets.get(bucket);
    if (keys === undefined) this.#buckets.set(bucket, [key]);
    else keys.push(key);
  }

  /** Removes and returns the keys that are due at `nowMs`, in no particular order. */
  take(nowMs: number, dueOf: DueOf): string[] {
    const last = Math.floor(nowMs / this.#bucketMs);
    const due: string[] = [];
    const spans = Array.from(this.#buckets.keys()).filter((bucket) => bucket <= last);
    for (const bucket of spans) {
      const keys = this.#buckets.get(bucket) ?? [];
      this.#buckets.delete(bucket);
      for (const key of keys) {
        const dueMs = dueOf(key);
        if (dueMs === undefined) continue;
        if (dueMs <= nowMs) due.push(key);
        else this.add(key, dueMs);
      }
    }
    return due;
  }

  /** Files held keys again that are held no longer. */
  release(dueOf: DueOf): void {
    for (const key of this.#held) {
      const dueMs = dueOf(key);
      if (dueMs === Infinity) continue;
      this.#held.delete(key);
      if (dueMs !== undefined) this.add(key, dueMs);
    }
  }

  /** The same for one key, if it is held. */
  releaseOne(key: string, dueOf: DueOf): void {
    if (!this.#held.has(key)) return;
    const dueMs = dueOf(key);
    if (dueMs === Infinity) return;
    this.#held.delete(key);
    if (dueMs !== undefined) this.add(key, dueMs);
  }

  rebuild(keys: Iterable<string>, dueOf: DueOf): void {
    this.#buckets.clear();
    this.#held.clear();
    for (const key of keys) {
      const dueMs = dueOf(key);
      if (dueMs !== undefined) this.add(key, dueMs);
    }
  }
}
