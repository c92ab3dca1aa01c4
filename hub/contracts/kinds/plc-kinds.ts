import Type from 'typebox';
import { closed, count, epochMs, name, oneOf } from '../schema.ts';

/** What the observers say about conveyors and other machines. */

/**
 * How a counter's step was explained: a plain advance, the wrap of its register, or a restart from
 * zero. `first` sets the base and counts nothing; `unexplained` is a step no rule explains, so
 * nothing is counted and somebody must look.
 */
export const counterSteps = ['first', 'advance', 'rollover', 'restart', 'unexplained'] as const;

export const counterAdvanced = closed({
  counter: name,
  from: Type.Integer(),
  step: oneOf(counterSteps),
  to: Type.Integer(),
  units: count,
  zone: name,
});

export const machineStateChanged = closed({
  fromState: Type.Optional(Type.String({ maxLength: 40 })),
  machine: name,
  state: Type.String({ maxLength: 40 }),
  stateNumber: Type.Integer(),
});

/** Which alarm: a condition's NodeId with its namespace URI, or the tag that shows the alarm. */
const alarm = Type.String({ minLength: 1, maxLength: 300 });
const alarmName = Type.String({ maxLength: 120 });

/** An alarm of a machine went active. `severity` from 1 to 1000 (OPC UA Part 9, 5.5.2). */
export const machineAlarmRaised = closed({
  acked: Type.Boolean(),
  alarm,
  message: Type.String({ maxLength: 500 }),
  name: alarmName,
  severity: Type.Integer({ minimum: 1, maximum: 1000 }),
  source: Type.Optional(Type.String({ maxLength: 120 })),
});

/** `unseen`: it ended while nobody could see it, so that only the time it was missed is known. */
export const machineAlarmCleared = closed({
  acked: Type.Boolean(),
  alarm,
  name: alarmName,
  raisedAt: epochMs,
  unseen: Type.Boolean(),
});

export const gapReasons = [
  'link-lost',
  'server-restart',
  'overflow',
  'bad-status',
  'gateway-down',
] as const;

export type GapReason = (typeof gapReasons)[number];

/** Samples that nobody saw: never bridged silently. */
export const deviceGap = closed({
  /** Where several things came together: all of them, and `reason` is the strongest. */
  causes: Type.Optional(Type.Array(oneOf(gapReasons), { maxItems: gapReasons.length })),
  channels: count,
  fromMs: epochMs,
  reason: oneOf(gapReasons),
  toMs: epochMs,
});
