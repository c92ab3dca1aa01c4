import { draft, type EventDraft } from '#contracts/envelope.ts';
import type {
  AlarmsStandingReading,
  CounterReading,
  MachineAlarmReading,
  MachineStateReading,
} from '../../devices/reading.ts';
import type { Poster } from '../post/poster.ts';
import { countTo, flushCounter } from './counter.ts';
import type { CounterState, CounterStep } from './counter.ts';
import { KeyedStore } from './keyed-store.ts';
import { MachineAlarms, type StandingAlarm } from './machine-alarms.ts';
import { enterState, type MachineState } from './machine-state.ts';
import { momentFields, momentOf } from './moment.ts';
import type { DeviceModel, SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';

/** Counters, states and alarms of machines. */
export class PlcObserver {
  readonly #poster: Poster;
  readonly #counters = new KeyedStore<CounterState>('counter');
  readonly #machines = new KeyedStore<MachineState>('plc-state');
  readonly #alarms = new MachineAlarms();
  /** Counters with steps that wait to be said. */
  readonly #waiting = new Set<string>();

  constructor(poster: Poster) {
    this.#poster = poster;
  }

  /** @returns what is wrong with where the reading comes from, if anything. */
  count(
    device: DeviceModel,
    reading: CounterReading,
    receivedAtMs: number,
    restartedMs: number,
    out: EventDraft[],
  ): string | undefined {
    const { counter, value, claimedMs } = reading;
    if (device.zone === undefined) return 'a device with counters needs a zone';
    const key = `${device.id}/${counter}`;
    const read = { value, at: momentOf(claimedMs, receivedAtMs), receivedAtMs };
    const policy = { registerMax: device.registerMax.get(counter), restartedMs };
    const before = this.#counters.get(key);
    const { state, said } = countTo(before, read, policy);
    this.#keep(key, state);
    if (state !== before) {
      // What waits to be said is known already, and a passage at a portal does not wait for it.
      const units = said.reduce((sum, step) => sum + step.units, state.pending?.units ?? 0);
      const pieces = units - (before?.pending?.units ?? 0);
      this.#poster.counted(device.id, counter, pieces, receivedAtMs);
    }
    for (const step of said) this.#say(device.id, device.zone, counter, step, receivedAtMs, out);
    return undefined;
  }

  enter(
    device: DeviceModel,
    reading: MachineStateReading,
    receivedAtMs: number,
    out: EventDraft[],
  ): void {
    const { machine, stateNumber } = reading;
    const state = device.states.get(machine)?.get(stateNumber) ?? reading.state;
    const key = `${device.id}/${machine}`;
    const at = momentOf(reading.claimedMs, receivedAtMs);
    const before = this.#machines.get(key);
    const step = enterState(before, { stateNumber, state, at });
    this.#machines.set(key, step.state);
    if (!step.changed) return;
    const from = before === undefined ? {} : { fromState: before.state };
    const payload = { ...from, machine, state, stateNumber };
    out.push(draft('machine.state-changed', payload, { device: device.id, ...momentFields(at) }));
  }

  alarm(
    device: DeviceModel,
    reading: MachineAlarmReading | AlarmsStandingReading,
    receivedAtMs: number,
    out: EventDraft[],
  ): void {
    if (reading.type === 'machine-alarm') this.#alarms.note(device, reading, receivedAtMs, out);
    else this.#alarms.keepOnly(device, reading, receivedAtMs, out);
  }

  standingAlarms(): readonly StandingAlarm[] {
    return this.#alarms.standing();
  }

  configure(site: SiteModel): void {
    this.#alarms.configure(site);
  }

  tick(site: SiteModel, nowMs: number, out: EventDraft[]): void {
    for (const key of [...this.#waiting].sort()) {
      const before = this.#counters.get(key);
      if (before === undefined) continue;
      const { state, said } = flushCounter(before, nowMs);
      if (state === before) continue;
      this.#keep(key, state);
      const [device = '', counter = ''] = key.split('/');
      const zone = site.devices.get(device)?.zone;
      if (zone === undefined) continue;
      for (const step of said) this.#say(device, zone, counter, step, nowMs, out);
    }
  }

  drainDirty(rows: StateRow[]): void {
    this.#counters.drainDirty(rows);
    this.#machines.drainDirty(rows);
    this.#alarms.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === this.#machines.machine) {
      this.#machines.restore(key, value);
      return true;
    }
    if (machine !== this.#counters.machine) return this.#alarms.restore(machine, key, value);
    this.#counters.restore(key, value);
    if (this.#counters.get(key)?.pending !== null) this.#waiting.add(key);
    return true;
  }

  #keep(key: string, state: CounterState): void {
    this.#counters.set(key, state);
    if (state.pending === null) this.#waiting.delete(key);
    else this.#waiting.add(key);
  }

  #say(
    device: string,
    zone: string,
    counter: string,
    said: CounterStep,
    nowMs: number,
    out: EventDraft[],
  ): void {
    const { step, from, to, units, at } = said;
    const fields = { device, ...momentFields(at) };
    out.push(draft('counter.advanced', { counter, from, step, to, units, zone }, fields));
    if (step !== 'unexplained') return;
    out.push(...this.#poster.unexplained(counter, zone, device, at, nowMs));
  }
}
