import type { Blindness } from '../check/evidence.ts';

/**
 * Notes when a polled device could not be seen: its gateway was down, or its server was. A gap
 * event must admit each such time.
 */
export class BlindTimes {
  readonly #open = new Map<string, Blindness>();
  readonly #closed: Blindness[] = [];

  begin(gateway: string, devices: readonly string[], cause: string, atMs: number): void {
    for (const device of devices) {
      const key = `${gateway} ${device} ${cause}`;
      if (!this.#open.has(key)) {
        this.#open.set(key, { gateway, device, fromMs: atMs, toMs: atMs, cause });
      }
    }
  }

  end(gateway: string, devices: readonly string[], cause: string, atMs: number): void {
    for (const device of devices) {
      const key = `${gateway} ${device} ${cause}`;
      const open = this.#open.get(key);
      if (open === undefined) continue;
      this.#open.delete(key);
      this.#closed.push({ ...open, toMs: atMs });
    }
  }

  /** The times that are over. */
  times(): readonly Blindness[] {
    return this.#closed;
  }
}
