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

/** Servers round their start to whole seconds, and clocks are compared over a network. */
const startToleranceMs = 2000;

/**
 * When a server started, by the clock of who asks.
 *
 * @param clockAheadMs as `readClockAhead` gives it
 * @returns undefined where the server does not say, or says something that cannot be.
 */
export function startByOwnClock(
  { startedMs }: ServerIdentity,
  clockAheadMs: number | undefined,
  nowMs: number,
): number | undefined {
  if (startedMs === undefined || clockAheadMs === undefined) return undefined;
  const ownMs = startedMs - clockAheadMs;
  return ownMs > nowMs + startToleranceMs || ownMs < 0 ? undefined : Math.min(ownMs, nowMs);
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
