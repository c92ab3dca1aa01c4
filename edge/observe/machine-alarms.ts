import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { AlarmsStandingReading, MachineAlarmReading } from '../../devices/reading.ts';
import { KeyedStore } from './keyed-store.ts';
import { momentFields, momentOf, type Moment } from './moment.ts';
import type { DeviceModel, SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';

/** An alarm that stands. */
type AlarmState = {
  readonly channel: string;
  readonly name: string;
  readonly source: string | null;
  readonly message: string;
  readonly severity: number;
  readonly acked: boolean;
  /** When it was raised, and when it last said something. */
  readonly raisedAt: Moment;
  readonly at: Moment;
};

export interface StandingAlarm {
  readonly device: string;
  readonly alarm: string;
  readonly state: AlarmState;
}

/** Of an alarm that says nothing of it (1 to 1000; OPC UA Part 9 has medium from 401 to 600). */
const defaultSeverity = 500;

/** Alarms of machines: each raised and cleared once, however often it is told. */
export class MachineAlarms {
  readonly #store = new KeyedStore<AlarmState>('machine-alarm');

  /** An alarm as it stands now. Acknowledging it or another severity are no events of their own. */
  note(
    device: DeviceModel,
    reading: MachineAlarmReading,
    receivedAtMs: number,
    out: EventDraft[],
  ): void {
    const key = `${device.id}/${reading.alarm}`;
    const before = this.#store.get(key);
    const at = momentOf(reading.claimedMs, receivedAtMs);
    if (before !== undefined && at[1] === 'device' && at[0] < before.at[0]) return;
    if (!reading.active) {
      if (before !== undefined)
        this.#clear(key, { ...before, acked: reading.acked }, at, false, out);
      return;
    }
    const state = stateOf(device, reading, before?.raisedAt ?? at, at);
    this.#store.set(key, state);
    if (before !== undefined) return;
    const { acked, message, name, severity, source } = state;
    const payload = {
      acked,
      alarm: reading.alarm,
      message,
      name,
      severity,
      ...(source === null ? {} : { source }),
    };
    const fields = { device: device.id, ...momentFields(at) };
    out.push(draft('machine.alarm-raised', payload, fields));
  }

  /** What else of the channel was standing has ended. */
  keepOnly(
    device: DeviceModel,
    { alarms, channel, claimedMs, unseen }: AlarmsStandingReading,
    receivedAtMs: number,
    out: EventDraft[],
  ): void {
    const standing = new Set(alarms);
    for (const { alarm, state } of this.#of(device.id)) {
      if (state.channel !== channel || standing.has(alarm)) continue;
      const at = momentOf(claimedMs, receivedAtMs);
      this.#clear(`${device.id}/${alarm}`, state, at, unseen, out);
    }
  }

  /** What is not configured any more is forgotten, without a word: nobody knows how it stands. */
  configure(site: SiteModel): void {
    for (const { alarm, device, state } of this.standing()) {
      if (site.devices.get(device)?.alarms.has(state.channel)) continue;
      this.#store.set(`${device}/${alarm}`, undefined);
    }
  }

  standing(): StandingAlarm[] {
    return [...this.#store.entries()].map(([key, state]) => {
      const slash = key.indexOf('/');
      return { device: key.slice(0, slash), alarm: key.slice(slash + 1), state };
    });
  }

  drainDirty(rows: StateRow[]): void {
    this.#store.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#store.machine) return false;
    this.#store.restore(key, value);
    return true;
  }

  /** In order of their keys: the order of a map depends on when it was restored. */
  #of(device: string): StandingAlarm[] {
    return this.standing()
      .filter((one) => one.device === device)
      .sort((a, b) => (a.alarm < b.alarm ? -1 : 1));
  }

  #clear(key: string, state: AlarmState, at: Moment, unseen: boolean, out: EventDraft[]): void {
    this.#store.set(key, undefined);
    const slash = key.indexOf('/');
    const { acked, name, raisedAt } = state;
    const payload = { acked, alarm: key.slice(slash + 1), name, raisedAt: raisedAt[0], unseen };
    const fields = { device: key.slice(0, slash), ...momentFields(at) };
    out.push(draft('machine.alarm-cleared', payload, fields));
  }
}

/** What the machine does not say of an alarm, the config may. */
function stateOf(
  { alarms }: DeviceModel,
  { acked, channel, message, name, severity, source }: MachineAlarmReading,
  raisedAt: Moment,
  at: Moment,
): AlarmState {
  const configured = alarms.get(channel);
  return {
    channel,
    name,
    source: source ?? null,
    message: message ?? configured?.text ?? name,
    severity: severity ?? configured?.severity ?? defaultSeverity,
    acked,
    raisedAt,
    at,
  };
}
