import { KeyedStore } from './keyed-store.ts';
import type { StateRow } from './state-row.ts';
import type { TagTable } from './tag-table.ts';

/** Tags that were heard and are not believed anywhere yet: so many are kept. */
export const mostUnbelieved = 50_000;
/** Room that is made at once, so that the search for the oldest is seldom. */
const leftPart = 0.8;

/**
 * Bounds what a flood of identifiers, as a broken or hostile reader sends them, can take: beyond
 * `most` the oldest tags that were never believed are forgotten, by time of receipt and then by
 * name. Nothing was said of them, so that nothing has to be taken back. Looked at once a second.
 */
export class UnbelievedCap {
  readonly #tags: TagTable;
  readonly #most: number;
  readonly #forgotten = new KeyedStore<number>('tag-forgotten');
  /** How many tags are unbelieved; derived. */
  #count = 0;

  constructor(tags: TagTable, most: number) {
    this.#tags = tags;
    this.#most = most;
  }

  /** How many were forgotten since the gateway began. */
  get forgotten(): number {
    return this.#forgotten.get('') ?? 0;
  }

  heard(): void {
    this.#count += 1;
  }

  /** It is believed now, or gone. */
  over(): void {
    this.#count -= 1;
  }

  recount(): void {
    this.#count = this.#unbelieved().length;
  }

  /** @returns how many were forgotten, and the device that heard the last of them. */
  enforce(): { readonly count: number; readonly device: string } | undefined {
    if (this.#count <= this.#most) return undefined;
    const all = this.#unbelieved().sort(([a, aMs], [b, bMs]) => aMs - bMs || (a < b ? -1 : 1));
    const oldest = all.slice(0, all.length - Math.floor(this.#most * leftPart));
    const device = this.#tags.get(oldest.at(-1)?.[0] ?? '')?.device ?? '';
    for (const [epc] of oldest) this.#tags.delete(epc);
    this.#count -= oldest.length;
    this.#forgotten.set('', this.forgotten + oldest.length);
    return { count: oldest.length, device };
  }

  drainDirty(rows: StateRow[]): void {
    this.#forgotten.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#forgotten.machine) return false;
    this.#forgotten.restore(key, value);
    return true;
  }

  #unbelieved(): [epc: string, receivedAtMs: number][] {
    return [...this.#tags.keys()].flatMap((epc): [string, number][] => {
      const state = this.#tags.get(epc);
      return state?.zone === '' ? [[epc, state.receivedAtMs]] : [];
    });
  }
}
