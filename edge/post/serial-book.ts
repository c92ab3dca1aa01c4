import type { StockStatus } from '#contracts/posting.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';

/** The account that a serial is in: one zone of this site, in one status. */
export type Place = readonly [zone: string, status: StockStatus];

/**
 * Which serials this gateway's postings have put where: EPC → place. A serial that is not in the
 * book is not inside, as far as evidence told. Equal places share one object, since there are many
 * serials and few places.
 */
export class SerialBook {
  static readonly machine = 'book';
  readonly #places = new KeyedStore<Place>(SerialBook.machine);
  readonly #known = new Map<string, Place>();

  get size(): number {
    return this.#places.size;
  }

  placeOf(epc: string): Place | undefined {
    return this.#places.get(epc);
  }

  /** In no particular order. */
  entries(): MapIterator<[epc: string, place: Place]> {
    return this.#places.entries();
  }

  /** Undefined: the serial has left. */
  put(epc: string, place: Place | undefined): void {
    this.#places.set(epc, place && this.#shared(place));
  }

  drainDirty(rows: StateRow[]): void {
    this.#places.drainDirty(rows);
  }

  restore(epc: string, value: string): void {
    this.#places.load(epc, this.#shared(JSON.parse(value) as Place));
  }

  #shared(place: Place): Place {
    const key = place.join(' ');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, place);
    return place;
  }
}
