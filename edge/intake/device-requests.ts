import type { Logger } from 'pino';
import type { Clock } from '#contracts/time.ts';
import type { DeviceRequest } from '../../devices/profile.ts';

export interface DeviceRequestOptions {
  /** Publishes to whoever listens in the device's own subtree. @returns whether it has one. */
  readonly send: (device: string, channel: string, payload: Uint8Array) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** As a codec itself does; after a restart, or while a backlog is observed, it would ask again. */
const everyMs = 60_000;
const mostKept = 5000;

/**
 * Sends what decoders want devices to be asked for: births of a Sparkplug edge node. At most once a
 * minute for each device and channel. Nothing is kept: a request that gets lost is made again when
 * the device still gives cause.
 */
export class DeviceRequests {
  readonly #options: DeviceRequestOptions;
  readonly #sentMs = new Map<string, number>();

  constructor(options: DeviceRequestOptions) {
    this.#options = options;
  }

  ask(requests: readonly (DeviceRequest & { readonly device: string })[]): void {
    const { clock, log, send } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const { device, channel, payload, reason } of requests) {
      const key = `${device}\n${channel}`;
      const lastMs = this.#sentMs.get(key);
      if (lastMs !== undefined && nowMs - lastMs < everyMs) continue;
      if (!send(device, channel, payload)) continue;
      if (this.#sentMs.size >= mostKept) this.#forget(nowMs);
      this.#sentMs.set(key, nowMs);
      log.info({ device, channel, reason }, 'broker.device-asked');
    }
  }

  #forget(nowMs: number): void {
    for (const [key, sentMs] of this.#sentMs) {
      if (nowMs - sentMs >= everyMs) this.#sentMs.delete(key);
    }
  }
}
