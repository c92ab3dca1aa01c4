import { draft, type EventDraft } from '#contracts/envelope.ts';
import { climateMeasures } from '#contracts/kinds/climate-kinds.ts';
import type { ClimateReading } from '../../devices/reading.ts';
import { hysteresisOf, keepSensors, readClimate } from './excursion.ts';
import type { ClimateRead, ExcursionState, ExcursionStep } from './excursion.ts';
import { placeRead, readBookOf, type ReadBook } from './climate-reads.ts';
import { KeyedStore } from './keyed-store.ts';
import { arrivalAt, momentOf } from './moment.ts';
import { sensorZone } from './site-model.ts';
import type { ClimateMeasure, DeviceModel, SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';
import type { ClimateWatch } from '../post/climate-watch.ts';
import { draftFields, type Turn } from '../stock/turn.ts';

export interface OpenExcursion {
  readonly key: string;
  readonly zone: string;
  readonly measure: ClimateMeasure;
  readonly bound: 'below' | 'above';
  readonly state: ExcursionState;
}

/** Excursions of temperature and humidity, per zone, measure and bound. */
export class ClimateObserver {
  readonly #excursions = new KeyedStore<ExcursionState>('excursion');
  /** By device, sensor and measure. */
  readonly #reads = new KeyedStore<ReadBook>('climate');
  /** By zone, measure and bound: when the last one was. What lies within it was judged. */
  readonly #ended = new KeyedStore<readonly [fromMs: number, toMs: number]>('excursion-ended');
  readonly #watch: ClimateWatch;

  /** @param watch what excursions mean for the goods in a zone */
  constructor(watch: ClimateWatch) {
    this.#watch = watch;
  }

  /** @returns what is wrong with where the reading comes from, if anything. */
  read(
    site: SiteModel,
    device: DeviceModel,
    reading: ClimateReading,
    receivedAtMs: number,
    out: EventDraft[],
  ): string | undefined {
    const { sensor, measure, value, claimedMs } = reading;
    const zone = sensorZone(device, sensor);
    if (zone === undefined) {
      return sensor === undefined
        ? 'a climate sensor needs a zone'
        : `sensor "${sensor}" is not in the configuration`;
    }
    const sensorKey = `${device.id}/${sensor ?? ''}`;
    const readKey = `${sensorKey}/${measure}`;
    const { book, place } = placeRead(this.#reads.get(readKey), reading, receivedAtMs);
    this.#reads.set(readKey, book);
    if (place === 'repeated') return undefined;
    const at = momentOf(place === 'clock-set-back' ? undefined : claimedMs, receivedAtMs);
    const [atMs] = at;
    if (place === 'past') {
      const turn = { site, nowMs: receivedAtMs, at, device: device.id, out };
      this.#readPast(turn, zone, { sensor: sensorKey, measure, value, atMs });
      return undefined;
    }
    if (measure === 'temperature') {
      this.#watch.temperature(zone, sensorKey, value, atMs, receivedAtMs);
    }
    const turn = { site, nowMs: receivedAtMs, at, device: device.id, out };
    const limits = site.zones.get(zone)?.limits[measure];
    for (const bound of ['below', 'above'] as const) {
      const limit = bound === 'below' ? limits?.min : limits?.max;
      if (limit === undefined) continue;
      const key = `${zone}/${measure}/${bound}`;
      const read = { sensor: sensorKey, value, atMs };
      const hysteresis = hysteresisOf[measure];
      const step = readClimate(this.#excursions.get(key), read, { bound, limit, hysteresis });
      this.#apply(key, step, turn);
    }
    return undefined;
  }

  /** An excursion ends when its limit or its last sensor is taken out of the configuration. */
  configure(site: SiteModel, nowMs: number, out: EventDraft[]): void {
    const isIn = (sensorKey: string, zone: string): boolean => {
      const slash = sensorKey.indexOf('/');
      const device = site.devices.get(sensorKey.slice(0, slash));
      const sensor = sensorKey.slice(slash + 1);
      return (
        device !== undefined && sensorZone(device, sensor === '' ? undefined : sensor) === zone
      );
    };
    this.#watch.keepSensors(isIn, nowMs);
    for (const { key, zone, measure, bound, state } of this.open()) {
      const limits = site.zones.get(zone)?.limits[measure];
      const limit = bound === 'below' ? limits?.min : limits?.max;
      const inZone = (sensorKey: string): boolean => isIn(sensorKey, zone);
      const step = keepSensors(state, limit === undefined ? undefined : inZone);
      this.#apply(key, step, { site, nowMs, at: arrivalAt(nowMs), out });
    }
  }

  /** In order of their keys. */
  open(): OpenExcursion[] {
    return [...this.#excursions.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, state]) => ({ key, state, ...partsOf(key) }));
  }

  drainDirty(rows: StateRow[]): void {
    this.#excursions.drainDirty(rows);
    this.#reads.drainDirty(rows);
    this.#ended.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === this.#excursions.machine) this.#excursions.restore(key, value);
    else if (machine === this.#reads.machine) this.#reads.load(key, readBookOf(value));
    else if (machine === this.#ended.machine) this.#ended.restore(key, value);
    else return false;
    return true;
  }

  /** What a sensor tells of the past, where nobody judged that time already. */
  #readPast(turn: Turn, zone: string, read: ClimateRead & { measure: ClimateMeasure }): void {
    const { atMs, measure, sensor, value } = read;
    const limits = turn.site.zones.get(zone)?.limits[measure];
    for (const bound of ['below', 'above'] as const) {
      const limit = bound === 'below' ? limits?.min : limits?.max;
      if (limit === undefined) continue;
      if (bound === 'below' ? value >= limit : value <= limit) continue;
      const key = `${zone}/${measure}/${bound}`;
      const [fromMs, toMs] = this.#ended.get(key) ?? [Infinity, -Infinity];
      const openSinceMs = this.#excursions.get(key)?.startedAtMs ?? Infinity;
      if (atMs >= openSinceMs || (atMs >= fromMs && atMs <= toMs)) continue;
      this.#watch.past(turn, { zone, measure, bound, limit, sensor, value, atMs });
    }
  }

  #apply(key: string, { state, started, ended }: ExcursionStep, turn: Turn): void {
    this.#excursions.set(key, state);
    const of = partsOf(key);
    const fields = draftFields(turn);
    if (started !== undefined) {
      const { limit, value, startedAtMs: startedAt } = started;
      turn.out.push(draft('climate.excursion-started', { ...of, limit, value }, fields));
      this.#watch.started(turn, { ...of, limit, startedAt });
    }
    if (ended !== undefined) {
      const { limit, value, worst, startedAtMs: startedAt } = ended;
      const payload = { ...of, limit, startedAt, value, worst };
      turn.out.push(draft('climate.excursion-ended', payload, fields));
      this.#ended.set(key, [startedAt, turn.at[0]]);
      this.#watch.ended(turn, { ...of, limit, startedAt });
    }
  }
}

function partsOf(key: string): Pick<OpenExcursion, 'zone' | 'measure' | 'bound'> {
  const [zone = '', measureName, boundName] = key.split('/');
  const measure = climateMeasures.find((name) => name === measureName) ?? 'temperature';
  return { zone, measure, bound: boundName === 'below' ? 'below' : 'above' };
}
