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

export const gapReasons = [
  'link-lost',
  'server-restart',
  'overflow',
  'bad-status',
  'gateway-down',
] as const;

/** Samples that nobody saw: never bridged silently. */
export const deviceGap = closed({
  channels: count,
  fromMs: epochMs,
  reason: oneOf(gapReasons),
  toMs: epochMs,
});
