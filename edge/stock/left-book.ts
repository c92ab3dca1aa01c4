import { Expiry } from '../observe/expiry.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';

/** A serial that left and is seen inside within this time was not shipped, or came back unseen. */
const rememberedMs = 7 * 24 * 3_600_000;
const minuteMs = 60_000;

/**
 * Serials that a posting took off the site, for a week. A busy site has some hundred thousands of
 * them, so each is kept as its minute alone, a small integer that takes no memory of its own.
 */
export class LeftBook {
  readonly #minutes = new KeyedStore<number>('left');
  readonly #expiry = new Expiry(rememberedMs / 500);

  get machine(): string {
    return this.#minutes.machine;
  }

  has(epc: string): boolean {
    return this.#minutes.get(epc) !== undefined;
  }

  keep(epc: string, nowMs: number): void {
    const isNew = !this.has(epc);
    this.#minutes.set(epc, Math.floor(nowMs / minuteMs));
    if (isNew) this.#expiry.add(epc, this.#dueOf(epc) ?? 0);
  }

  /** Its place in the expiry stays, which `#dueOf` copes with. */
  forget(epc: string): void {
    this.#minutes.set(epc, undefined);
  }

  expire(nowMs: number): void {
    for (const epc of this.#expiry.take(nowMs, this.#dueOf)) this.forget(epc);
  }

  drainDirty(rows: StateRow[]): void {
    this.#minutes.drainDirty(rows);
  }

  /** @param value also `[1, milliseconds]`, as earlier releases wrote it. */
  restore(epc: string, value: string): void {
    const stored = JSON.parse(value) as number | readonly [1, number];
    const minute = typeof stored === 'number' ? stored : Math.floor(stored[1] / minuteMs);
    this.#minutes.load(epc, minute);
    this.#expiry.add(epc, this.#dueOf(epc) ?? 0);
  }

  readonly #dueOf = (epc: string): number | undefined => {
    const minute = this.#minutes.get(epc);
    return minute === undefined ? undefined : minute * minuteMs + rememberedMs;
  };
}
