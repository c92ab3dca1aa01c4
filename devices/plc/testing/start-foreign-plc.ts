import { fileURLToPath } from 'node:url';
import { startServerProcess } from './start-server-process.ts';
import type { ServerProcess } from './start-server-process.ts';

const program = fileURLToPath(new URL('../fixtures/foreign-server.mjs', import.meta.url));

/** A PLC that shares no code with the driver: its own process, node-opcua used directly. */
export type ForeignPlc = ServerProcess<ForeignNode>;

export type ForeignNode =
  | 'alarms'
  | 'count'
  | 'counts'
  | 'defects'
  | 'flag'
  | 'jam'
  | 'speed'
  | 'state'
  | 'stateText'
  | 'total';

/** Starts it and waits until it serves. `args` as in the head of the program. */
export function startForeignPlc(args: readonly string[]): Promise<ForeignPlc> {
  return startServerProcess<ForeignNode>(program, args);
}
