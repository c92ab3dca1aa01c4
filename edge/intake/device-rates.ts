import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '#contracts/time.ts';
import type { RateLimits } from '../config/mqtt-config.ts';
import type { DeviceNotes } from './device-notes.ts';
import { RateLimit } from './rate-limit.ts';

/** A device with how much it may send. */
export interface DeviceLimits {
  readonly device: string;
  readonly limits: RateLimits;
}

/** How often a device was slowed down since the start, and for how long together. */
export interface ThrottledDevice {
  readonly device: string;
  readonly pauses: number;
  readonly pausedMs: number;
}

export interface DeviceRatesOptions {
  readonly limits?: readonly DeviceLimits[];
  readonly notes: DeviceNotes;
  readonly clock: Clock;
}

/** Unhurried for this long, a device is no longer said to be slowed down. */
const calmMs = 60_000;

interface Rate {
  readonly limit: RateLimit;
  pauses: number;
  pausedMs: number;
  /** Until then it is said. */
  saidUntilMs: number | undefined;
}

/** How fast each device may send, whatever number of connections it has. */
export class DeviceRates {
  readonly #notes: DeviceNotes;
  readonly #clock: Clock;
  readonly #rates = new Map<string, Rate>();

  constructor({ clock, limits = [], notes }: DeviceRatesOptions) {
    this.#clock = clock;
    this.#notes = notes;
    this.replace(limits);
  }

  /** Who is connected goes on, by the new limits. */
  replace(devices: readonly DeviceLimits[]): void {
    const latter = new Map(devices.map(({ device, limits }) => [device, limits]));
    for (const device of new Set([...this.#rates.keys(), ...latter.keys()])) {
      const limits = latter.get(device) ?? {};
      const limit = this.of(device);
      if (!isDeepStrictEqual(limits, limit.limits)) limit.set(limits, this.#clock.nowMs());
    }
  }

  /** The one limit of a device. */
  of(device: string): RateLimit {
    return this.#rateOf(device).limit;
  }

  /** A device is not read for now, because it sent more than it may. */
  paused(device: string, forMs: number): void {
    const rate = this.#rateOf(device);
    rate.pauses += 1;
    rate.pausedMs += forMs;
    rate.saidUntilMs = this.#clock.monotonicMs() + forMs + calmMs;
    const { bytesPerS, messagesPerS } = rate.limit.limits;
    const may = [
      ...(messagesPerS === undefined ? [] : [`${messagesPerS} messages`]),
      ...(bytesPerS === undefined ? [] : [`${bytesPerS} bytes`]),
    ];
    this.#notes.set(device, 'throttled', {
      text:
        `it sends more than ${may.join(' or ')} a second, and is read more slowly; nothing is lost. ` +
        'Look why it sends so much, or raise its limits',
    });
  }

  /** Takes back what is no longer so; to be called now and then. */
  settle(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [device, rate] of this.#rates) {
      if (rate.saidUntilMs === undefined || nowMs < rate.saidUntilMs) continue;
      rate.saidUntilMs = undefined;
      this.#notes.set(device, 'throttled', undefined);
    }
  }

  /** Those that were ever slowed down. */
  list(): ThrottledDevice[] {
    return [...this.#rates]
      .filter(([, { pauses }]) => pauses > 0)
      .map(([device, { pauses, pausedMs }]) => ({ device, pauses, pausedMs }));
  }

  #rateOf(device: string): Rate {
    let rate = this.#rates.get(device);
    if (rate === undefined) {
      rate = { limit: new RateLimit(), pauses: 0, pausedMs: 0, saidUntilMs: undefined };
      this.#rates.set(device, rate);
    }
    return rate;
  }
}
