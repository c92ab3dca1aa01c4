/**
 * A node as config names it: by namespace URI, because a server may number its namespaces anew at
 * any start.
 */
export interface NodeAddress {
  readonly namespaceUri: string;
  /** `i=…`, `s=…`, `g=…` or `b=…` */
  readonly identifier: string;
}

const opcUaNamespace = 'http://opcfoundation.org/UA/';

const addressShape = /^(?:nsu=([^;]+);)?([isgb]=.+)$/s;

/**
 * Reads `nsu=<namespace URI>;s=…` (OPC UA Part 6, 5.1.12); `%3B` and `%25` in the URI stand for `;`
 * and `%`. Without a URI the node is one of OPC UA's own.
 *
 * @returns undefined for anything else, a namespace index among it.
 */
export function parseNodeAddress(text: string): NodeAddress | undefined {
  const [, uri, identifier] = addressShape.exec(text) ?? [];
  if (identifier === undefined) return undefined;
  if (identifier.startsWith('i=') && !/^i=\d{1,10}$/.test(identifier)) return undefined;
  const namespaceUri =
    uri === undefined ? opcUaNamespace : uri.replace(/%3b/gi, ';').replaceAll('%25', '%');
  return { namespaceUri, identifier };
}

/**
 * The NodeId for a server whose NamespaceArray reads so.
 *
 * @returns undefined where the server does not have the namespace.
 */
export function resolveNode(
  { namespaceUri, identifier }: NodeAddress,
  namespaces: readonly string[],
): string | undefined {
  const index = namespaces.indexOf(namespaceUri);
  return index === -1 ? undefined : `ns=${index};${identifier}`;
}

/** The way back: `ns=2;i=27` as text that holds on every server. */
export function stableNodeText(nodeId: string, namespaces: readonly string[]): string {
  const [, index = '0', identifier = nodeId] = /^(?:ns=(\d+);)?(.*)$/s.exec(nodeId) ?? [];
  const uri = namespaces[Number(index)];
  if (uri === undefined) return nodeId;
  return `nsu=${uri.replaceAll('%', '%25').replaceAll(';', '%3B')};${identifier}`;
}
