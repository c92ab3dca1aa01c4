import type { EventFilter } from 'node-opcua';
import { parseNodeAddress, resolveNode } from './node-address.ts';
import type { EventField, EventSpec } from './opcua-event.ts';
import type { OpcUaLibrary } from './opcua-library.ts';

/**
 * The filter that asks a server for the events of a spec (OPC UA Part 4, 7.22.3).
 *
 * @returns undefined where the server does not have a namespace that the spec needs.
 */
export function eventFilter(
  library: OpcUaLibrary,
  { eventType, fields }: EventSpec,
  namespaces: readonly string[],
): EventFilter | undefined {
  const type = nodeIdOf(eventType, namespaces);
  if (type === undefined) return undefined;
  const selectClauses = fields.map((field) => operandOf(library, field, namespaces));
  if (selectClauses.includes(undefined)) return undefined;
  const filter = library.constructEventFilter([], library.ofType(library.resolveNodeId(type)));
  filter.selectClauses = selectClauses.filter((clause) => clause !== undefined);
  return filter;
}

function operandOf(
  library: OpcUaLibrary,
  { attribute, of, path }: EventField,
  namespaces: readonly string[],
) {
  const type = nodeIdOf(of, namespaces);
  const browsePath = path.map(({ name, namespaceUri }) => ({
    name,
    namespaceIndex: namespaceUri === undefined ? 0 : namespaces.indexOf(namespaceUri),
  }));
  if (type === undefined || browsePath.some(({ namespaceIndex }) => namespaceIndex < 0)) {
    return undefined;
  }
  const { NodeId, Value } = library.AttributeIds;
  return new library.SimpleAttributeOperand({
    typeDefinitionId: library.resolveNodeId(type),
    browsePath,
    attributeId: attribute === 'node-id' ? NodeId : Value,
  });
}

function nodeIdOf(address: string, namespaces: readonly string[]): string | undefined {
  const parsed = parseNodeAddress(address);
  return parsed === undefined ? undefined : resolveNode(parsed, namespaces);
}
