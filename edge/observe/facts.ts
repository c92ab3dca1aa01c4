import { hash } from 'node:crypto';
import type { GapReason } from '#contracts/kinds/plc-kinds.ts';
import { maxDeviceZones, type AlertFact, type DeviceHealth } from '#contracts/now-lane.ts';
import type { OpenConflict } from '../stock/stock-book.ts';
import type { OpenExcursion } from './climate-observer.ts';
import type { StandingFault } from './device-faults.ts';
import type { DeviceLink } from './device-link.ts';
import type { ClockOff, DeviceMeter } from './device-meter.ts';
import type { StandingAlarm } from './machine-alarms.ts';
import type { DeviceModel } from './site-model.ts';

/** The present as the now lane shows it. */
export interface ObserverFacts {
  readonly devices: readonly DeviceHealth[];
  /** Open ones first; no more than the now lane carries. */
  readonly alerts: readonly AlertFact[];
  readonly readsPerMinute: number;
  readonly quarantined: number;
  readonly residentTags: number;
  /** Heard, never believed, and forgotten because there were too many. */
  readonly forgottenTags: number;
  /** Since when the hub is away; null: it is not, or never was there. */
  readonly uplinkLostMs: number | null;
  /** Why and since when the gateway's own clock is not believed; undefined: it is. */
  readonly clockDoubt?:
    | { readonly reason: 'behind' | 'unset'; readonly sinceMs: number }
    | undefined;
}

/** A gap that was reported lately: over, but worth seeing. */
export interface RecentGap {
  readonly device: string;
  readonly reason: GapReason;
  /** 0: the link was away, and the server kept all. */
  readonly channels: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A fault that keeps nothing from being read. */
export const clockOffCode = 'clock-off';
const maxAlerts = 500;
const maxAlertText = 200;

export function deviceHealthOf(
  device: DeviceModel,
  link: DeviceLink | undefined,
  quarantined: number,
  meter: DeviceMeter | undefined,
  nowMs: number,
  standing: readonly StandingFault[] = [],
): DeviceHealth {
  const uncoveredReason = uncoveredReasonOf(device, link?.qos ?? -1);
  const skew = meter?.clockSkewMs();
  const off = meter?.clockOff(nowMs);
  const faults = off === undefined ? standing : [...standing, clockFault(off)];
  const heardMs = link?.heardMs ?? -1;
  return {
    ...(skew === undefined ? {} : { clockSkewMs: skew }),
    connected: link !== undefined && isConnected(device, link),
    covered: uncoveredReason === undefined,
    device: device.id,
    ...(faults.length === 0 ? {} : { faults: [...faults] }),
    ...(heardMs < 0 ? {} : { lastHeardAt: heardMs }),
    profile: device.profileId,
    quarantined,
    readsPerMinute: meter?.readsPerMinute(nowMs) ?? 0,
    silent: link !== undefined && link.silentSinceMs !== null,
    ...(uncoveredReason === undefined ? {} : { uncoveredReason }),
    ...placeOf(device),
  };
}

const secondUnit = [1000, 's'] as const;
const spanUnits = [
  [86_400_000, 'days'],
  [3_600_000, 'hours'],
  [60_000, 'minutes'],
] as const;

/** Of no event: a clock decides nothing here but what times its own readings have. */
function clockFault({ skewMs, sinceMs }: ClockOff): StandingFault {
  const ms = Math.abs(skewMs);
  const [unitMs, unit] = spanUnits.find(([of]) => ms >= 2 * of) ?? secondUnit;
  const size = `${Math.round(ms / unitMs)} ${unit}`;
  const text = `its clock is ${size} ${skewMs > 0 ? 'ahead' : 'behind'}: give it a time server`;
  return { code: clockOffCode, sinceMs, text };
}

/** The zones are left out where they are the device's own alone. */
function placeOf({ zone, zones }: DeviceModel): Pick<DeviceHealth, 'zone' | 'zones' | 'moreZones'> {
  if (zone !== undefined && zones.length === 1) return { zone };
  const more = zones.length - maxDeviceZones;
  return {
    ...(zone === undefined ? {} : { zone }),
    zones: zones.slice(0, maxDeviceZones),
    ...(more > 0 ? { moreZones: more } : {}),
  };
}

/** HTTP keeps no connection: such a device counts as there from when it was heard until silent. */
function isConnected({ profile }: DeviceModel, link: DeviceLink): boolean {
  if (profile?.transport === 'http') return link.heardMs >= 0 && link.silentSinceMs === null;
  return link.connected && link.up;
}

/**
 * Why a device is outside the guarantee: its protocol rules it out, its last message asked for no
 * acknowledgement, or it keeps nothing that was not acknowledged.
 */
function uncoveredReasonOf(
  { profile, buffers }: DeviceModel,
  qos: number,
): DeviceHealth['uncoveredReason'] {
  if (profile?.uncovered !== undefined) return profile.uncovered;
  if (qos === 0) return 'qos0';
  return buffers ? undefined : 'no-buffer';
}

export interface AlertSources {
  readonly excursions: readonly OpenExcursion[];
  readonly silent: readonly (readonly [device: DeviceModel, sinceMs: number])[];
  readonly gaps: readonly RecentGap[];
  readonly conflicts: readonly OpenConflict[];
  readonly alarms: readonly StandingAlarm[];
  /** Whose faults are alerts as well. */
  readonly faults: readonly DeviceHealth[];
  readonly heldSinceMs: number | null;
  readonly ownClock: readonly AlertFact[];
}

export function alertsOf(of: AlertSources): AlertFact[] {
  const held: AlertFact[] =
    of.heldSinceMs === null
      ? []
      : [
          {
            id: 'intake-held',
            open: true,
            openedAt: of.heldSinceMs,
            text: 'intake is held: devices keep their readings until there is room',
            type: 'intake-held',
          },
        ];
  return [
    ...held,
    ...of.ownClock,
    ...of.excursions.map(excursionAlert),
    ...of.silent.map(silenceAlert),
    ...of.conflicts.map(conflictAlert),
    ...of.alarms.map(alarmAlert),
    ...of.faults.flatMap(faultAlerts),
    ...of.gaps.map(gapAlert),
  ].slice(0, maxAlerts);
}

function excursionAlert({ key, zone, measure, bound, state }: OpenExcursion): AlertFact {
  const [value, limit] = [state.worst, state.limit].map((of) => {
    return measure === 'temperature' ? `${of / 1000} °C` : `${of / 10} %`;
  });
  return {
    id: `excursion:${key}`,
    open: true,
    openedAt: state.startedAtMs,
    text: `${measure} ${bound} ${limit ?? ''}, ${value ?? ''} at worst`,
    type: 'excursion',
    zone,
  };
}

function silenceAlert([device, sinceMs]: readonly [DeviceModel, number]): AlertFact {
  return {
    device: device.id,
    id: `silence:${device.id}`,
    open: true,
    openedAt: sinceMs,
    text: `nothing heard for longer than ${device.silentAfterMs / 1000} s`,
    type: 'silence',
    ...(device.zone === undefined ? {} : { zone: device.zone }),
  };
}

function conflictAlert({ epc, zone, openedAtMs }: OpenConflict): AlertFact {
  return {
    id: `conflict:${epc}`.slice(0, 120).toWellFormed(),
    open: true,
    openedAt: openedAtMs,
    text: `a serial that stands elsewhere came in to ${zone}`,
    type: 'conflict',
    zone,
  };
}

function alarmAlert({ alarm, device, state }: StandingAlarm): AlertFact {
  const { acked, message, name, raisedAt, severity } = state;
  const text = `${name}: ${message} (severity ${severity}${acked ? ', acknowledged' : ''})`;
  return {
    device,
    // Node ids are longer than ids of alerts may be.
    id: `alarm:${device}:${hash('sha256', alarm).slice(0, 16)}`,
    open: true,
    openedAt: raisedAt[0],
    text: text.slice(0, maxAlertText).toWellFormed(),
    type: 'machine-alarm',
  };
}

function faultAlerts({ device, faults = [], zone }: DeviceHealth): AlertFact[] {
  return faults.map(({ code, sinceMs, subject, text }) => ({
    device,
    id: `fault:${device}:${code}:${subject ?? ''}`.slice(0, 120).toWellFormed(),
    open: true,
    openedAt: sinceMs,
    text: text.slice(0, maxAlertText).toWellFormed(),
    type: 'device-fault',
    ...(zone === undefined ? {} : { zone }),
  }));
}

const gapWords: Readonly<Record<GapReason, string>> = {
  'bad-status': 'no good values',
  'gateway-down': 'the gateway was down',
  'link-lost': 'no connection',
  overflow: 'a buffer ran over',
  'server-restart': 'the PLC started anew',
};

function gapAlert({ channels, device, reason, fromMs, toMs }: RecentGap): AlertFact {
  const forS = `${(toMs - fromMs) / 1000} s`;
  return {
    device,
    id: `gap:${device}:${toMs}:${reason}`,
    open: false,
    openedAt: fromMs,
    text:
      channels === 0
        ? `not connected for ${forS}; the PLC kept all samples`
        : `samples missing for ${forS}: ${gapWords[reason]}`,
    type: 'gap',
  };
}
