import type { ClientSession, ReferenceDescription } from 'node-opcua';
import { connectLink, type LinkOptions } from './connect-link.ts';
import { stableNodeText } from './node-address.ts';
import { loadOpcUa, type OpcUaLibrary } from './opcua-library.ts';

/** A variable or object of a server, as found on the way down from its Objects folder. */
export interface BrowsedNode {
  /** `nsu=<namespace URI>;…` */
  readonly node: string;
  /** Names from the Objects folder on. */
  readonly path: readonly string[];
  readonly isVariable: boolean;
  /** Of the node's type definition, as `node`. */
  readonly type: string;
  /** Name of a variable's data type; undefined for an object. */
  readonly dataType: string | undefined;
  readonly isArray: boolean;
}

const hierarchical = 'i=33';
const serverNode = 'ns=0;i=2253';
const objectsFolder = 'ns=0;i=85';
const nodesPerCall = 100;
const mostNodes = 5000;
const deepest = 12;
/** NodeClass is a mask: Object is 1 (OPC UA Part 3, 8.29). */
const variableClass = 2;
const wantedClasses = 1 + variableClass;
const allFields = 63;

interface Found extends Omit<BrowsedNode, 'dataType' | 'isArray'> {
  readonly nodeId: string;
}

/**
 * Looks through a server: all variables and objects below its Objects folder, but for the server's
 * own, up to 5,000.
 *
 * @throws Fault LINK_DOWN with its diagnosis, as `connectLink`.
 */
export async function browseServer(
  options: LinkOptions,
  signal: AbortSignal,
): Promise<readonly BrowsedNode[]> {
  const nothing = (): void => undefined;
  const events = {
    heard: nothing,
    lost: nothing,
    repairing: nothing,
    restored: nothing,
    skipped: nothing,
    values: nothing,
    events: nothing,
    ended: nothing,
  };
  const library = await loadOpcUa(options.log);
  const { link } = await connectLink(options, events, signal);
  try {
    const found = await walk(library, link.session, link.server.namespaces);
    return await withDataTypes(library, link.session, found);
  } finally {
    await link.close();
  }
}

async function walk(
  library: OpcUaLibrary,
  session: ClientSession,
  namespaces: readonly string[],
): Promise<Found[]> {
  const found: Found[] = [];
  const seen = new Set([serverNode, objectsFolder]);
  let level: { nodeId: string; path: readonly string[] }[] = [{ nodeId: objectsFolder, path: [] }];
  for (let depth = 0; depth < deepest && level.length > 0; depth += 1) {
    const next: typeof level = [];
    for (let at = 0; at < level.length && found.length < mostNodes; at += nodesPerCall) {
      const parents = level.slice(at, at + nodesPerCall);
      const children = await browse(library, session, parents);
      for (const [path, reference] of children) {
        const nodeId = plainId(reference.nodeId.toString());
        if (seen.has(nodeId) || found.length >= mostNodes) continue;
        seen.add(nodeId);
        const isVariable = (reference.nodeClass as number) === variableClass;
        const type = plainId(reference.typeDefinition.toString());
        const name = reference.browseName.name ?? '';
        const below = [...path, name];
        found.push({
          nodeId,
          node: stableNodeText(nodeId, namespaces),
          path: below,
          isVariable,
          type: stableNodeText(type, namespaces),
        });
        next.push({ nodeId, path: below });
      }
    }
    level = next;
  }
  return found;
}

type Child = readonly [path: readonly string[], reference: ReferenceDescription];

async function browse(
  library: OpcUaLibrary,
  session: ClientSession,
  parents: readonly { readonly nodeId: string; readonly path: readonly string[] }[],
): Promise<Child[]> {
  const results = await session.browse(
    parents.map(({ nodeId }) => ({
      nodeId,
      browseDirection: library.BrowseDirection.Forward,
      includeSubtypes: true,
      nodeClassMask: wantedClasses,
      referenceTypeId: hierarchical,
      resultMask: allFields,
    })),
  );
  const children: Child[] = [];
  for (const [index, first] of results.entries()) {
    const path = parents[index]?.path ?? [];
    let result = first;
    for (;;) {
      for (const reference of result.references ?? []) children.push([path, reference]);
      const { continuationPoint } = result;
      if (continuationPoint === undefined || continuationPoint === null) break;
      if (continuationPoint.length === 0) break;
      result = await session.browseNext(continuationPoint, false);
    }
  }
  return children;
}

async function withDataTypes(
  library: OpcUaLibrary,
  session: ClientSession,
  found: readonly Found[],
): Promise<BrowsedNode[]> {
  const names = new Map<string, string>();
  const nodes: BrowsedNode[] = [];
  const {
    DataType: dataTypeId,
    ValueRank: valueRank,
    BrowseName: browseName,
  } = library.AttributeIds;
  for (let at = 0; at < found.length; at += nodesPerCall) {
    const part = found.slice(at, at + nodesPerCall);
    const variables = part.filter(({ isVariable }) => isVariable);
    const values = await session.read(
      variables.flatMap(({ nodeId }) => [
        { nodeId, attributeId: dataTypeId },
        { nodeId, attributeId: valueRank },
      ]),
    );
    const typeIds = variables.map((_, index) => String(values[index * 2]?.value.value ?? ''));
    const unknown = [...new Set(typeIds)].filter((id) => id !== '' && !names.has(id));
    const named = await session.read(
      unknown.map((nodeId) => ({ nodeId, attributeId: browseName })),
    );
    for (const [index, id] of unknown.entries()) {
      const name = named[index]?.value.value as { name?: string } | null | undefined;
      names.set(id, name?.name ?? id);
    }
    for (const { nodeId, ...node } of part) {
      const index = variables.findIndex((one) => one.nodeId === nodeId);
      const rank: unknown = values[index * 2 + 1]?.value.value;
      const isArray = index !== -1 && typeof rank === 'number' && rank >= 0;
      const dataType = index === -1 ? undefined : (names.get(typeIds[index] ?? '') ?? '');
      nodes.push({ ...node, dataType, isArray });
    }
  }
  return nodes;
}

/** `ns=0;` is left out by the library, and put back here: ids are compared as text. */
function plainId(nodeId: string): string {
  return nodeId.startsWith('ns=') ? nodeId : `ns=0;${nodeId}`;
}
