import type { ConveyorLayout, CounterLayout } from '../world/site-layout.ts';

/** Namespace of the simulated controller's own nodes. */
export const plcNamespace = 'urn:holdfast:simulated-plc';

/**
 * Where a counter of a conveyor is found; stable over restarts. PackML has its counts in arrays of
 * structures; as other servers do, this one also shows their members as variables of their own.
 */
export function counterNode(conveyor: ConveyorLayout, counter: CounterLayout): string {
  return conveyor.profile === 'packml'
    ? `${countArrayNode(conveyor, counter)}-0-Count`
    : `nsu=${plcNamespace};s=${conveyor.id}-${counter.name}`;
}

/** The array of PackMLCountDataType that a counter of a PackML machine stands in. */
export function countArrayNode(conveyor: ConveyorLayout, counter: CounterLayout): string {
  return `nsu=${plcNamespace};s=${conveyor.id}-Admin-${packMlCount(counter.name)}`;
}

/** The state of a PackML machine: a NodeId of the standard's state, as OPC 30050 has it. */
export function stateNode(conveyor: ConveyorLayout): string {
  const machine = 'BaseStateMachine-MachineState-ExecuteState-CurrentState-Id';
  return `nsu=${plcNamespace};s=${conveyor.id}-${machine}`;
}

function packMlCount(counter: string): string {
  return counter === 'defective' ? 'ProdDefectiveCount' : 'ProdProcessedCount';
}
