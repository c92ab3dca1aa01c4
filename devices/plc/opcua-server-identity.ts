import type { ClientSession } from 'node-opcua';

/** What tells one life of a server from another. */
export interface ServerIdentity {
  /** ServerStatus.StartTime; absent where the server does not say. */
  readonly startedMs?: number;
  readonly namespaces: readonly string[];
}

const startTimeNode = 'i=2257';
const namespaceArrayNode = 'i=2255';
const currentTimeNode = 'i=2258';

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

/**
 * How far the server's clock is ahead of `nowMs`, by the middle of the request's time.
 *
 * @returns undefined where it does not tell its time.
 */
export async function readClockAhead(
  session: ClientSession,
  nowMs: () => number,
): Promise<number | undefined> {
  const askedMs = nowMs();
  const { value } = await session.read({ nodeId: currentTimeNode });
  const answeredMs = nowMs();
  const time: unknown = value.value;
  if (!(time instanceof Date) || Number.isNaN(time.getTime())) return undefined;
  return Math.round(time.getTime() - (askedMs + answeredMs) / 2);
}
