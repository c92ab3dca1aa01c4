import type { Random } from '../prng.ts';
import type { Outlet } from './emission.ts';
import type { SiteLayout } from './site-layout.ts';

const driftEveryMs = 2000;
const excursionMs = { min: 10_000, max: 15_000 } as const;
const calmMs = { min: 12_000, max: 25_000 } as const;
/** How far beyond its limit a zone drifts while its door stands open, in thousandths of a °C. */
const excursionDriftMilliC = 4000;
const ordinaryMilliC = 19_000;

interface ZoneClimate {
  readonly normalMilliC: number;
  readonly limitMilliC: number | undefined;
  tempMilliC: number;
  humidityPermille: number;
  excursionUntilMs: number;
  nextExcursionMs: number;
}

/** Temperature and humidity of the zones, with excursions where a zone has limits, and the sensors. */
export class Climate {
  readonly #layout: SiteLayout;
  readonly #random: Random;
  readonly #outlet: Outlet;
  readonly #zones: Map<string, ZoneClimate>;
  readonly #numbers = new Map<string, number>();
  readonly #nextReportMs = new Map<string, number>();
  #nextDriftMs = driftEveryMs;

  constructor(layout: SiteLayout, random: Random, outlet: Outlet) {
    this.#layout = layout;
    this.#random = random;
    this.#outlet = outlet;
    this.#zones = new Map(
      layout.zones.map(({ id, temperature }) => {
        const normalMilliC =
          temperature === undefined
            ? ordinaryMilliC
            : Math.round((temperature.min + temperature.max) * 500);
        const climate: ZoneClimate = {
          normalMilliC,
          limitMilliC: temperature === undefined ? undefined : temperature.max * 1000,
          tempMilliC: normalMilliC,
          humidityPermille: 450,
          excursionUntilMs: 0,
          nextExcursionMs: random.between(calmMs.min, calmMs.max),
        };
        return [id, climate];
      }),
    );
  }

  tick(atMs: number): void {
    if (atMs >= this.#nextDriftMs) {
      this.#nextDriftMs += driftEveryMs;
      for (const [zone, climate] of this.#zones) this.#drift(zone, climate, atMs);
    }
    for (const device of this.#layout.climate) {
      const dueMs = this.#nextReportMs.get(device.id) ?? device.everyMs;
      if (atMs < dueMs) continue;
      this.#nextReportMs.set(device.id, dueMs + device.everyMs);
      for (const sensor of device.sensors) this.#report(device.id, sensor.name, sensor.zone, atMs);
    }
  }

  #drift(zone: string, climate: ZoneClimate, atMs: number): void {
    const { limitMilliC } = climate;
    if (limitMilliC !== undefined && atMs >= climate.nextExcursionMs) {
      const untilMs = atMs + Math.round(this.#random.between(excursionMs.min, excursionMs.max));
      climate.excursionUntilMs = untilMs;
      climate.nextExcursionMs = untilMs + this.#random.between(calmMs.min, calmMs.max);
      this.#outlet.note({ type: 'excursion', site: this.#layout.site, atMs, zone, untilMs });
    }
    const open = limitMilliC !== undefined && atMs < climate.excursionUntilMs;
    const target = open ? limitMilliC + excursionDriftMilliC : climate.normalMilliC;
    const pulled = climate.tempMilliC + (target - climate.tempMilliC) * 0.5;
    climate.tempMilliC = Math.round(pulled + 100 * this.#random.normal());
    const humidity = climate.humidityPermille + 5 * this.#random.normal();
    climate.humidityPermille = Math.round(Math.min(900, Math.max(100, humidity)));
  }

  #report(device: string, sensor: string, zone: string, atMs: number): void {
    const climate = this.#zones.get(zone);
    if (climate === undefined) return;
    const number = (this.#numbers.get(device) ?? 0) + 1;
    this.#numbers.set(device, number);
    this.#outlet.emit({
      type: 'climate',
      site: this.#layout.site,
      device,
      atMs,
      number,
      sensor,
      tempMilliC: climate.tempMilliC,
      humidityPermille: climate.humidityPermille,
    });
  }
}
