import { scansRemembered } from '#contracts/remembered.ts';
import { KeyedStore } from './keyed-store.ts';
import type { StateRow } from './state-row.ts';

/** The scanner's own id of a scan, and a digest of what it scanned. */
type Seen = readonly [scan: string, content: string];

/**
 * The ids of the last scans of each device, in a ring of rows, so that a scan that is sent again is
 * known exactly, also after a restart. An id is forgotten only when `scansRemembered` later ones came;
 * time plays no part. Devices that leave the configuration keep theirs: they may come back with
 * what they could not deliver.
 */
export class SeenScans {
  /** `device/slot` → what stands there. */
  readonly #ring = new KeyedStore<Seen>('scan-seen');
  /** Device → how many of its scans were taken. */
  readonly #taken = new KeyedStore<number>('scan-taken');
  /** `device/id` → digest of what was scanned; derived from the ring. */
  readonly #contents = new Map<string, string>();

  /** Notes a scan. `again`: the same one came before; `other`: its id stood for something else. */
  take(device: string, scan: string, content: string): 'new' | 'again' | 'other' {
    const key = `${device}/${scan}`;
    const before = this.#contents.get(key);
    if (before !== undefined) return before === content ? 'again' : 'other';
    const taken = this.#taken.get(device) ?? 0;
    const slot = `${device}/${taken % scansRemembered}`;
    const forgotten = this.#ring.get(slot);
    if (forgotten !== undefined) this.#contents.delete(`${device}/${forgotten[0]}`);
    this.#ring.set(slot, [scan, content]);
    this.#taken.set(device, taken + 1);
    this.#contents.set(key, content);
    return 'new';
  }

  drainDirty(rows: StateRow[]): void {
    this.#ring.drainDirty(rows);
    this.#taken.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === this.#taken.machine) {
      this.#taken.restore(key, value);
      return true;
    }
    if (machine !== this.#ring.machine) return false;
    this.#ring.restore(key, value);
    const seen = this.#ring.get(key);
    const device = key.slice(0, key.lastIndexOf('/'));
    if (seen !== undefined) this.#contents.set(`${device}/${seen[0]}`, seen[1]);
    return true;
  }
}
