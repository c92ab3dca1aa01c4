import type { Unsettled } from './arrivals.ts';
import { KeyedStore } from './keyed-store.ts';
import { endsInside, lastSeenMs, type PassState } from './portal-pass.ts';
import type { StateRow } from './state-row.ts';

/** What was inside and was heard outside last, and is read nowhere for this time, went out. */
const leftMs = 8_000;

/** What a portal heard last of tags that may have gone out: the quiet inside will say it. */
export class Departures {
  readonly #leaving = new KeyedStore<Unsettled>('leaving');

  mayHaveLeft(epc: string, by: Unsettled): void {
    this.#leaving.set(epc, by);
  }

  forget(epc: string): void {
    this.#leaving.set(epc, undefined);
  }

  /** What its door hears once more, and well inside in the end, stands there. */
  heardAgain(epc: string, { portal, pass }: Unsettled): void {
    const last = this.#leaving.get(epc);
    if (last?.portal !== portal || lastSeenMs(pass) <= lastSeenMs(last.pass)) return;
    if (endsInside(pass)) this.forget(epc);
  }

  /**
   * Removes and returns what has been quiet long enough, by EPC.
   *
   * @param quietSinceMs since when all that could hear a tag could speak, and nobody did
   */
  take(
    nowMs: number,
    quietSinceMs: (epc: string, pass: PassState) => number,
  ): [epc: string, by: Unsettled][] {
    const due = [...this.#leaving.entries()]
      .filter(([epc, { pass }]) => quietSinceMs(epc, pass) + leftMs <= nowMs)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [epc] of due) this.forget(epc);
    return due;
  }

  drainDirty(rows: StateRow[]): void {
    this.#leaving.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#leaving.machine) return false;
    this.#leaving.restore(key, value);
    return true;
  }
}
