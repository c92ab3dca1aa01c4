import { KeyedStore } from './keyed-store.ts';
import type { SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';

export interface DowntimeGap {
  readonly device: string;
  readonly reason: 'gateway-down';
  readonly channels: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * What polled devices did while the gateway was down, nobody saw. The gap is told in two parts, so
 * that a gateway that dies again before the PLC is back has told what it knew: up to the start at
 * the start, and from there until the session stands when it stands.
 */
export class DowntimeGaps {
  /** Device → since when it goes unsampled. */
  readonly #unsampled = new KeyedStore<number>('unsampled');

  /** A start after an earlier life; `lastAliveMs` is undefined for the first one. */
  boot(site: SiteModel, lastAliveMs: number | undefined, nowMs: number): DowntimeGap[] {
    if (lastAliveMs === undefined) return [];
    const gaps: DowntimeGap[] = [];
    for (const { id, profile, channels } of site.devices.values()) {
      if (profile?.transport !== 'opcua') continue;
      const fromMs = this.#unsampled.get(id) ?? lastAliveMs;
      gaps.push({ device: id, reason: 'gateway-down', channels, fromMs, toMs: nowMs });
      this.#unsampled.set(id, nowMs);
    }
    return gaps;
  }

  /** The device's session stands. */
  connected(device: string, channels: number, nowMs: number): DowntimeGap | undefined {
    const fromMs = this.#unsampled.get(device);
    this.#unsampled.set(device, undefined);
    if (fromMs === undefined || fromMs >= nowMs) return undefined;
    return { device, reason: 'gateway-down', channels, fromMs, toMs: nowMs };
  }

  drainDirty(rows: StateRow[]): void {
    this.#unsampled.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#unsampled.machine) return false;
    this.#unsampled.restore(key, value);
    return true;
  }
}
