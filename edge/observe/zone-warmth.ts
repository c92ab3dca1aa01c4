import { KeyedStore } from './keyed-store.ts';
import { kineticWeight } from './mean-kinetic.ts';
import type { StateRow } from './state-row.ts';

/**
 * How warm a zone was, summed up since its first reading: what lies between two marks is the sum of
 * that time. `coveredMs` is the time of which a temperature is known.
 */
export interface WarmthMark {
  readonly coveredMs: number;
  readonly sum: bigint;
}

/** `sum` in decimal digits; of each sensor the last value in thousandths of a °C, and its time. */
type Warmth = {
  readonly atMs: number;
  readonly coveredMs: number;
  readonly sensors: { readonly [sensor: string]: readonly [milliC: number, atMs: number] };
  readonly sum: string;
};

/** A sensor that is quiet for longer says nothing of its zone any more. */
export const heldMs = 2 * 3_600_000;

/**
 * The temperature of zones over time. A zone is as warm as the warmest of its sensors, and each
 * reading holds until the sensor's next one, or for two hours; a time without any is not covered.
 * One that comes late, after others of the zone, holds from then on and changes nothing before.
 */
export class ZoneWarmth {
  readonly #zones = new KeyedStore<Warmth>('zone-warmth');

  get size(): number {
    return this.#zones.size;
  }

  has(zone: string): boolean {
    return this.#zones.get(zone) !== undefined;
  }

  read(zone: string, sensor: string, milliC: number, atMs: number): void {
    const before = this.#zones.get(zone) ?? { atMs, coveredMs: 0, sensors: {}, sum: '0' };
    const now = advance(before, atMs);
    this.#zones.set(zone, { ...now, sensors: { ...now.sensors, [sensor]: [milliC, atMs] } });
  }

  /** Sensors that are elsewhere from now on warm a zone no longer. */
  keepSensors(isIn: (sensor: string, zone: string) => boolean, nowMs: number): void {
    for (const [zone, before] of this.#zones.entries()) {
      if (Object.keys(before.sensors).every((sensor) => isIn(sensor, zone))) continue;
      const now = advance(before, nowMs);
      const kept = Object.entries(now.sensors).filter(([sensor]) => isIn(sensor, zone));
      this.#zones.set(zone, { ...now, sensors: Object.fromEntries(kept) });
    }
  }

  /** The sums up to a time. */
  mark(zone: string, atMs: number): WarmthMark | undefined {
    const before = this.#zones.get(zone);
    if (before === undefined) return undefined;
    const now = advance(before, atMs);
    return { coveredMs: now.coveredMs, sum: BigInt(now.sum) };
  }

  drainDirty(rows: StateRow[]): void {
    this.#zones.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#zones.machine) return false;
    this.#zones.restore(key, value);
    return true;
  }
}

/** Adds what is known of the time until `toMs`; sensors fall silent on the way. */
function advance(state: Warmth, toMs: number): Warmth {
  let { atMs, coveredMs, sensors } = state;
  if (toMs <= atMs) return state;
  let sum = BigInt(state.sum);
  for (;;) {
    const live = Object.entries(sensors).filter(([, [, readMs]]) => readMs + heldMs > atMs);
    sensors = Object.fromEntries(live);
    if (live.length === 0 || atMs >= toMs) break;
    const untilMs = Math.min(toMs, ...live.map(([, [, readMs]]) => readMs + heldMs));
    const warmest = Math.max(...live.map(([, [milliC]]) => milliC));
    sum += kineticWeight(warmest) * BigInt(untilMs - atMs);
    coveredMs += untilMs - atMs;
    atMs = untilMs;
  }
  return { atMs: toMs, coveredMs, sensors, sum: String(sum) };
}
