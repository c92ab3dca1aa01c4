import type { Canonical } from '#contracts/canonical.ts';
import { claimedTime, unreadableTime } from '#contracts/time.ts';
import { isArray, isObject, unreadable } from '../json/split-json.ts';
import type { JsonObject } from '../json/split-json.ts';
import type { Decoded } from '../profile.ts';
import type { MachineAlarmReading, Reading } from '../reading.ts';
import { baseEventType, serverEvents } from './opcua-event.ts';
import type { EventField, EventSpec } from './opcua-event.ts';

const conditionType = 'i=2782';
const acknowledgeableConditionType = 'i=2881';
const alarmConditionType = 'i=2915';

const field = (key: string, of: string, ...names: string[]): EventField => ({
  key,
  of,
  path: names.map((name) => ({ name })),
});

/** Alarms and conditions of a server (OPC UA Part 9). */
export const conditionEvents: EventSpec = {
  eventType: conditionType,
  canRefresh: true,
  fields: [
    field('type', baseEventType, 'EventType'),
    field('time', baseEventType, 'Time'),
    field('source', baseEventType, 'SourceName'),
    field('message', baseEventType, 'Message'),
    field('severity', baseEventType, 'Severity'),
    { ...field('condition', conditionType), attribute: 'node-id' },
    field('name', conditionType, 'ConditionName'),
    field('branch', conditionType, 'BranchId'),
    field('retain', conditionType, 'Retain'),
    field('enabled', conditionType, 'EnabledState', 'Id'),
    field('acked', acknowledgeableConditionType, 'AckedState', 'Id'),
    field('active', alarmConditionType, 'ActiveState', 'Id'),
  ],
};

/**
 * Per channel the conditions that the refresh under way has told; null while there is none. A
 * refresh tells every condition that is retained (Part 9, 5.5.7), so what it left out has ended.
 */
export type RefreshState = Readonly<Record<string, readonly string[]>>;

export interface ConditionStep {
  readonly state: Canonical;
  readonly decoded: Decoded;
}

export function decodeCondition(
  state: Canonical,
  channel: string,
  event: JsonObject,
): ConditionStep {
  const refreshes = refreshesOf(state);
  const seen = refreshes[channel];
  const { type } = event;
  if (type === serverEvents.refreshStart) {
    return { state: { ...refreshes, [channel]: [] }, decoded: { ok: true, readings: [] } };
  }
  if (type === serverEvents.refreshEnd) {
    if (seen === undefined) return { state, decoded: { ok: true, readings: [] } };
    const { [channel]: _over, ...others } = refreshes;
    const left = Object.keys(others).length === 0 ? null : others;
    return {
      state: left,
      decoded: listed({ type: 'alarms-standing', channel, alarms: seen, unseen: true }),
    };
  }
  if (type === serverEvents.refreshRequired || type === serverEvents.queueOverflow) {
    return { state, decoded: { ok: true, readings: [] } };
  }
  const alarm = alarmOf(channel, event);
  if (alarm === undefined) {
    return { state, decoded: unreadable('wrong-type', 'a condition without a NodeId') };
  }
  // A branch is an earlier state that still waits for somebody: it says nothing about now.
  if (event['branch'] !== null && event['branch'] !== undefined) {
    return { state, decoded: { ok: true, readings: [] } };
  }
  const decoded = listed(withTime(alarm, event['time']));
  if (seen === undefined) return { state, decoded };
  const others = seen.filter((one) => one !== alarm.alarm);
  const now = alarm.active ? [...others, alarm.alarm] : others;
  return { state: { ...refreshes, [channel]: now }, decoded };
}

function refreshesOf(state: Canonical): RefreshState {
  if (!isObject(state)) return {};
  const known = Object.entries(state).filter(([, list]) => isArray(list));
  return Object.fromEntries(known) as RefreshState;
}

/** Active is what a condition says; one that has no such state stands while it is retained. */
function alarmOf(channel: string, event: JsonObject): MachineAlarmReading | undefined {
  const { condition, severity, retain, enabled, acked } = event;
  if (typeof condition !== 'string' || condition === '') return undefined;
  const active = typeof event['active'] === 'boolean' ? event['active'] : retain === true;
  const source = textOf(event['source'], 120);
  const message = textOf(event['message'], 500);
  return {
    type: 'machine-alarm',
    channel,
    alarm: condition.slice(0, 300).toWellFormed(),
    name: textOf(event['name'], 120) ?? condition.slice(-120).toWellFormed(),
    active: active && enabled !== false,
    acked: acked === true,
    ...(source === undefined ? {} : { source }),
    ...(message === undefined ? {} : { message }),
    ...(isSeverity(severity) ? { severity } : {}),
  };
}

function isSeverity(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1000;
}

function textOf(value: unknown, maxLength: number): string | undefined {
  return typeof value === 'string' && value !== ''
    ? value.slice(0, maxLength).toWellFormed()
    : undefined;
}

/** OPC UA's "no time" is 1601. */
function withTime(reading: MachineAlarmReading, time: unknown): MachineAlarmReading {
  const claimedMs = typeof time === 'string' && time !== '' ? claimedTime(time) : -1;
  return claimedMs >= 0 || claimedMs === unreadableTime ? { ...reading, claimedMs } : reading;
}

function listed(reading: Reading): Decoded {
  return { ok: true, readings: [reading] };
}
