import type { ClientSession } from 'node-opcua';

/** What tells one life of a server from another. */
export interface ServerIdentity {
  /** ServerStatus.StartTime; absent where the server does not say. */
  readonly startedMs?: number;
  readonly namespaces: readonly string[];
}

const startTimeNode = 'i=2257';
const namespaceArrayNode = 'i=2255';

/** Reads when the server started and how it numbers its namespaces (OPC UA Part 5, 6.3). */
export async function readServer(session: ClientSession): Promise<ServerIdentity> {
  const [start, array] = await session.read([
    { nodeId: startTimeNode },
    { nodeId: namespaceArrayNode },
  ]);
  const started: unknown = start?.value?.value;
  const names: unknown = array?.value?.value;
  return {
    namespaces: Array.isArray(names) ? names.map(String) : [],
    ...(started instanceof Date ? { startedMs: started.getTime() } : {}),
  };
}

/** Whether node ids and queues of before can still be believed. */
export function isSameServer(a: ServerIdentity, b: ServerIdentity): boolean {
  return (
    a.startedMs === b.startedMs &&
    a.namespaces.length === b.namespaces.length &&
    a.namespaces.every((uri, index) => uri === b.namespaces[index])
  );
}
