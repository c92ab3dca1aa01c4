import type { Clock } from '#contracts/time.ts';
import type { IntakeLog } from './intake-log.ts';

/** Who is connected: a device comes with its first connection and goes with its last. */
export class DevicePresence {
  readonly #intake: IntakeLog;
  readonly #clock: Clock;
  readonly #connections = new Map<string, number>();

  constructor({ clock, intake }: { readonly clock: Clock; readonly intake: IntakeLog }) {
    this.#clock = clock;
    this.#intake = intake;
  }

  has(device: string): boolean {
    return (this.#connections.get(device) ?? 0) > 0;
  }

  /** @param device undefined for one that never was let in */
  came(device: string | undefined): void {
    if (device === undefined) return;
    const count = (this.#connections.get(device) ?? 0) + 1;
    this.#connections.set(device, count);
    if (count === 1) this.#append(device, true);
  }

  went(device: string | undefined): void {
    if (device === undefined) return;
    const count = (this.#connections.get(device) ?? 1) - 1;
    this.#connections.set(device, count);
    if (count === 0) this.#append(device, false);
  }

  #append(device: string, connected: boolean): void {
    this.#intake.append({ type: 'connection', device, connected }, this.#clock.nowMs());
  }
}
