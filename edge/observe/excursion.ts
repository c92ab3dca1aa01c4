/**
 * Whether a zone is outside one of its climate limits. One machine per zone, measure and bound. A
 * zone is out as soon as one of its sensors is, and in again when all that were out are back by
 * the hysteresis, so that a value at the limit does not flap and a mild sensor does not excuse a
 * hot one. Values in thousandths of a °C or permille.
 */
export type ExcursionState = {
  readonly limit: number;
  readonly startedAtMs: number;
  readonly worst: number;
  readonly value: number;
  /** Sensors that are out, sorted. */
  readonly out: readonly string[];
};

export interface ClimateRead {
  readonly sensor: string;
  readonly value: number;
  readonly atMs: number;
}

export interface Limit {
  readonly bound: 'below' | 'above';
  readonly limit: number;
  /** How far inside the limit a value must come back. */
  readonly hysteresis: number;
}

export interface ExcursionStep {
  readonly state: ExcursionState | undefined;
  readonly started?: ExcursionState;
  readonly ended?: ExcursionState;
}

/** Half a degree, two percent of relative humidity. */
export const hysteresisOf = { temperature: 500, humidity: 20 } as const;

export function readClimate(
  state: ExcursionState | undefined,
  read: ClimateRead,
  { bound, limit, hysteresis }: Limit,
): ExcursionStep {
  const { sensor, value, atMs } = read;
  const sign = bound === 'above' ? 1 : -1;
  const beyond = (value - limit) * sign;
  if (state === undefined) {
    if (beyond <= 0) return { state: undefined };
    const started = { limit, startedAtMs: atMs, worst: value, value, out: [sensor] };
    return { state: started, started };
  }
  const others = state.out.filter((other) => other !== sensor);
  const isOut = beyond > 0 || (others.length < state.out.length && beyond > -hysteresis);
  const worst = (value - state.worst) * sign > 0 && isOut ? value : state.worst;
  const next: ExcursionState = {
    ...state,
    worst,
    value,
    out: isOut ? [...others, sensor].sort() : others,
  };
  return next.out.length > 0 ? { state: next } : { state: undefined, ended: next };
}

/** Takes sensors out that are not in the zone any more; undefined `inZone` means no limit is left. */
export function keepSensors(
  state: ExcursionState,
  inZone: ((sensor: string) => boolean) | undefined,
): ExcursionStep {
  const out = inZone === undefined ? [] : state.out.filter(inZone);
  if (out.length === state.out.length) return { state };
  const next = { ...state, out };
  return out.length > 0 ? { state: next } : { state: undefined, ended: next };
}
