import * as opcua from 'node-opcua';
import type { AddressSpace, Namespace, UAObjectType, UAVariable } from 'node-opcua';
import { countArrayNode, counterNode, plcNamespace, stateNode } from './plc-node-ids.ts';
import type { ConveyorEmission } from '../world/emission.ts';
import type { ConveyorLayout, CounterLayout } from '../world/site-layout.ts';

const packMlNamespace = 'http://opcfoundation.org/UA/PackML/';

/** State numbers of the execute state machine → browse name of the state (OPC 30050, 6.2.6). */
const executeStates: Readonly<Record<number, string>> = {
  3: 'Starting',
  4: 'Idle',
  5: 'Suspended',
  6: 'Execute',
  10: 'Holding',
  11: 'Held',
  12: 'Unholding',
  13: 'Suspending',
  14: 'Unsuspending',
  15: 'Resetting',
  16: 'Completing',
  17: 'Complete',
};

/** The variables of one conveyor. */
export interface ConveyorNodes {
  set(emission: ConveyorEmission): void;
}

/** Puts the conveyors of a site into a server's address space. */
export function buildConveyorNodes(
  addressSpace: AddressSpace,
  conveyors: readonly ConveyorLayout[],
): Map<string, ConveyorNodes> {
  const namespace = addressSpace.registerNamespace(plcNamespace);
  return new Map(
    conveyors.map((conveyor) => [
      conveyor.id,
      conveyor.profile === 'packml'
        ? packMlNodes(addressSpace, namespace, conveyor)
        : plainNodes(addressSpace, namespace, conveyor),
    ]),
  );
}

/** A conveyor that shows nothing but registers: 32-bit numbers below a folder of its own. */
function plainNodes(
  addressSpace: AddressSpace,
  namespace: Namespace,
  conveyor: ConveyorLayout,
): ConveyorNodes {
  const folder = namespace.addFolder(addressSpace.rootFolder.objects, { browseName: conveyor.id });
  const variables = new Map(
    conveyor.counters.map(({ name, startsAt }) => [
      name,
      namespace.addVariable({
        browseName: name,
        nodeId: `s=${conveyor.id}-${name}`,
        componentOf: folder,
        dataType: 'UInt32',
        value: { dataType: opcua.DataType.UInt32, value: startsAt },
      }),
    ]),
  );
  return {
    set({ counters }) {
      for (const [name, value] of Object.entries(counters)) {
        variables.get(name)?.setValueFromSource({ dataType: opcua.DataType.UInt32, value });
      }
    },
  };
}

/** A machine by OPC 30050: counts as arrays of PackMLCountDataType, its state as a NodeId. */
function packMlNodes(
  addressSpace: AddressSpace,
  namespace: Namespace,
  conveyor: ConveyorLayout,
): ConveyorNodes {
  const index = addressSpace.getNamespaceIndex(packMlNamespace);
  const type = addressSpace.findObjectType('PackMLBaseObjectType', index);
  const countType = addressSpace.findDataType('PackMLCountDataType', index);
  const states = addressSpace.findObjectType('PackMLExecuteStateMachineType', index);
  if (type === null || countType === null || states === null) {
    throw new Error('the PackML nodeset is not the one this server was written for');
  }
  type.instantiate({
    browseName: conveyor.id,
    nodeId: `s=${conveyor.id}`,
    namespace,
    organizedBy: addressSpace.rootFolder.objects,
    optionals: [
      'Admin',
      'Admin.ProdProcessedCount',
      'Admin.ProdDefectiveCount',
      'BaseStateMachine',
    ],
  });
  const state = variableAt(addressSpace, namespace, stateNode(conveyor));
  const counts = new Map(
    conveyor.counters.map((counter) => [
      counter.name,
      countNodes(addressSpace, namespace, conveyor, counter),
    ]),
  );
  const showState = (name: string) => {
    const value = stateNodeId(states, name);
    if (value !== undefined) {
      state.setValueFromSource({ dataType: opcua.DataType.NodeId, value });
    }
  };
  // The nodeset leaves it at the null NodeId, which a gateway that is quick would see.
  showState('Idle');
  return {
    set(emission) {
      for (const [name, count] of Object.entries(emission.counters)) {
        const nodes = counts.get(name);
        const entry = { iD: 1, name, count, accCount: count };
        nodes?.array.setValueFromSource({
          dataType: opcua.DataType.ExtensionObject,
          arrayType: opcua.VariantArrayType.Array,
          value: [addressSpace.constructExtensionObject(countType, entry)],
        });
        nodes?.member.setValueFromSource({ dataType: opcua.DataType.Int32, value: count });
      }
      showState(executeStates[emission.stateNumber ?? 4] ?? 'Idle');
    },
  };
}

function countNodes(
  addressSpace: AddressSpace,
  namespace: Namespace,
  conveyor: ConveyorLayout,
  counter: CounterLayout,
): { readonly array: UAVariable; readonly member: UAVariable } {
  const array = variableAt(addressSpace, namespace, countArrayNode(conveyor, counter));
  const member = namespace.addVariable({
    browseName: `${counter.name} count`,
    nodeId: identifierOf(counterNode(conveyor, counter)),
    componentOf: array,
    dataType: 'Int32',
    value: { dataType: opcua.DataType.Int32, value: counter.startsAt },
  });
  return { array, member };
}

function variableAt(addressSpace: AddressSpace, namespace: Namespace, node: string): UAVariable {
  const found = addressSpace.findNode(`ns=${namespace.index};${identifierOf(node)}`);
  if (found === null || found.nodeClass !== opcua.NodeClass.Variable)
    throw new Error(`no variable at ${node}`);
  return found as UAVariable;
}

function stateNodeId(machineType: UAObjectType, state: string) {
  const found = machineType.getComponents().find(({ browseName }) => browseName.name === state);
  return found?.nodeId;
}

function identifierOf(node: string): string {
  return node.slice(node.indexOf(';s=') + 1);
}
