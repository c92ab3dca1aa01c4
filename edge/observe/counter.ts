import type { counterSteps } from '#contracts/kinds/plc-kinds.ts';
import type { Moment } from './moment.ts';

/**
 * An absolute counter of a machine, turned into counted units. One machine per device and counter.
 * Its value says everything: what was not sampled is counted with the next value, a repeated value
 * counts nothing, and a gap is bridged (the gap has its own event).
 */
export type CounterState = {
  readonly value: number;
  readonly at: Moment;
  readonly receivedAtMs: number;
  /** When the counter last spoke. */
  readonly spokeAtMs: number;
  /** Steps of one kind that wait to be said together. */
  readonly pending: CounterStep | null;
};

export type CounterStep = {
  readonly step: (typeof counterSteps)[number];
  readonly from: number;
  readonly to: number;
  readonly units: number;
  readonly at: Moment;
};

export interface CounterRead {
  readonly value: number;
  readonly at: Moment;
  readonly receivedAtMs: number;
}

export interface CounterPolicy {
  /** Highest value before the register wraps to zero. */
  readonly registerMax: number | undefined;
  /** When the device's server is known to have started anew; older than all reads if never. */
  readonly restartedMs: number;
}

interface CounterMove {
  readonly state: CounterState;
  readonly said: readonly CounterStep[];
}

/** A counter speaks at most this often while its steps are of one kind. */
export const sayEveryMs = 10_000;
/** A wrap may have counted at most this share of the register: more is likelier a restart. */
const rolloverShare = 4;

export function countTo(
  state: CounterState | undefined,
  read: CounterRead,
  policy: CounterPolicy,
): CounterMove {
  const { value, at, receivedAtMs } = read;
  if (state === undefined) {
    const first: CounterStep = { step: 'first', from: value, to: value, units: 0, at };
    return {
      state: { value, at, receivedAtMs, spokeAtMs: receivedAtMs, pending: null },
      said: [first],
    };
  }
  if (at[1] === 'device' && at[0] < state.at[0]) return { state, said: [] };
  const seen: CounterState = { ...state, value, at, receivedAtMs };
  if (value === state.value) return { state: seen, said: [] };
  return say(seen, { ...explain(state, read, policy), from: state.value, to: value, at });
}

/** Says what waited long enough. */
export function flushCounter(state: CounterState, nowMs: number): CounterMove {
  const { pending } = state;
  if (pending === null || nowMs - state.spokeAtMs < sayEveryMs) return { state, said: [] };
  return { state: { ...state, pending: null, spokeAtMs: nowMs }, said: [pending] };
}

function say(state: CounterState, step: CounterStep): CounterMove {
  const { pending, receivedAtMs } = state;
  const units = (pending?.units ?? 0) + step.units;
  if (pending !== null && pending.step === step.step && Number.isSafeInteger(units)) {
    const joined: CounterStep = { ...step, from: pending.from, units };
    return flushCounter({ ...state, pending: joined }, receivedAtMs);
  }
  // Another kind of step, or a sum that would not be exact, ends the series before it.
  const ended = pending === null ? [] : [pending];
  const { state: next, said } = flushCounter({ ...state, pending: step }, receivedAtMs);
  return { state: next, said: [...ended, ...said] };
}

/**
 * Why a value is what it is after another. Downwards, a wrapped register shows a short way up
 * through its maximum; a restart begins near zero, and a server known to have restarted explains
 * any lower value. Nothing is counted for what is left.
 */
function explain(
  state: CounterState,
  { value }: CounterRead,
  { registerMax, restartedMs }: CounterPolicy,
): Pick<CounterStep, 'step' | 'units'> {
  const advance = value - state.value;
  if (advance > 0 && Number.isSafeInteger(advance)) return { step: 'advance', units: advance };
  if (advance > 0 || value < 0) return { step: 'unexplained', units: 0 };
  if (restartedMs >= state.receivedAtMs) return { step: 'restart', units: value };
  if (registerMax !== undefined && state.value <= registerMax) {
    const throughMax = registerMax - state.value + value + 1;
    if (throughMax * rolloverShare <= registerMax) return { step: 'rollover', units: throughMax };
  }
  return value * 2 < state.value
    ? { step: 'restart', units: value }
    : { step: 'unexplained', units: 0 };
}
