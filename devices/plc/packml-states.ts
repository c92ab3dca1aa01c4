/**
 * PackML states by their StateNumber (OPC 30050, table of PackMLBaseObjectType's state machines;
 * 1 to 17 are those of ISA-TR88.00.02, 18 and 19 the states that only hold others).
 */
const stateNames = [
  'Clearing',
  'Stopped',
  'Starting',
  'Idle',
  'Suspended',
  'Execute',
  'Stopping',
  'Aborting',
  'Aborted',
  'Holding',
  'Held',
  'Unholding',
  'Suspending',
  'Unsuspending',
  'Resetting',
  'Completing',
  'Complete',
  'Running',
  'Cleared',
] as const;

export interface PackMlState {
  readonly stateNumber: number;
  readonly state: string;
}

export const packMlStates: readonly PackMlState[] = stateNames.map((state, index) => ({
  stateNumber: index + 1,
  state,
}));

const packMlNamespace = 'http://opcfoundation.org/UA/PackML/';

/**
 * Numeric identifiers of the state objects in the PackML nodeset 1.01, as `CurrentState/Id` holds
 * them.
 */
const stateNodes: ReadonlyMap<number, (typeof stateNames)[number]> = new Map([
  [27, 'Resetting'],
  [28, 'Idle'],
  [29, 'Starting'],
  [30, 'Suspending'],
  [31, 'Suspended'],
  [32, 'Unsuspending'],
  [33, 'Holding'],
  [34, 'Held'],
  [35, 'Unholding'],
  [36, 'Execute'],
  [37, 'Completing'],
  [38, 'Complete'],
  [53, 'Stopped'],
  [54, 'Stopping'],
  [55, 'Clearing'],
  [61, 'Aborting'],
  [62, 'Aborted'],
  [71, 'Cleared'],
  [75, 'Running'],
]);

const byName = new Map(packMlStates.map((entry) => [entry.state.toLowerCase(), entry]));
const byNumber = new Map(packMlStates.map((entry) => [entry.stateNumber, entry]));
const byNode = new Map(
  [...stateNodes].map(([node, name]) => [
    `nsu=${packMlNamespace};i=${node}`,
    byName.get(name.toLowerCase()),
  ]),
);

/** The state that a number, a name in any case, or the NodeId of a state object means. */
export function packMlStateOf(value: number | string): PackMlState | undefined {
  if (typeof value === 'number') return byNumber.get(value);
  return byNode.get(value) ?? byName.get(value.trim().toLowerCase());
}
