/** Which devices are connected; one may have several connections at once. */
export class DevicePresence {
  readonly #changed: (device: string, connected: boolean) => void;
  readonly #connections = new Map<string, number>();

  /** @param changed is called as a device comes, and as its last connection ends */
  constructor(changed: (device: string, connected: boolean) => void) {
    this.#changed = changed;
  }

  connected(device: string): void {
    const count = (this.#connections.get(device) ?? 0) + 1;
    this.#connections.set(device, count);
    if (count === 1) this.#changed(device, true);
  }

  disconnected(device: string): void {
    const count = (this.#connections.get(device) ?? 1) - 1;
    if (count > 0) {
      this.#connections.set(device, count);
      return;
    }
    this.#connections.delete(device);
    this.#changed(device, false);
  }
}
