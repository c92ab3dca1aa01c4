import type { Moment } from './moment.ts';

/** The state a machine says it is in (PackML, OPC 30050). One machine per device and machine. */
export type MachineState = {
  readonly stateNumber: number;
  readonly state: string;
  readonly at: Moment;
};

export interface MachineStep {
  readonly state: MachineState;
  readonly changed: boolean;
}

/** A repeated state, and one that is older than the last, changes nothing. */
export function enterState(state: MachineState | undefined, next: MachineState): MachineStep {
  if (state === undefined) return { state: next, changed: true };
  if (next.at[1] === 'device' && next.at[0] < state.at[0]) return { state, changed: false };
  return { state: next, changed: next.stateNumber !== state.stateNumber };
}
