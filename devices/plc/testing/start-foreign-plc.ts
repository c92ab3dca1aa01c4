import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../fixtures/foreign-server.mjs', import.meta.url));

/** A PLC that shares no code with the driver: its own process, node-opcua used directly. */
export interface ForeignPlc {
  readonly endpoint: string;
  readonly port: number;
  readonly nodes: Readonly<Record<ForeignNode, string>>;
  /** One of the commands that the program takes on stdin; resolves when it is done. */
  tell(command: string): Promise<void>;
  /** Ends the process without a goodbye, as a power cut does. */
  kill(): Promise<void>;
}

export type ForeignNode = 'count' | 'defects' | 'speed' | 'state' | 'stateText' | 'total';

/** Starts it and waits until it serves. `args` as in the head of the program. */
export async function startForeignPlc(args: readonly string[]): Promise<ForeignPlc> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the foreign PLC ended with ${String(code)}`)));
  });
  const ready = JSON.parse(line) as Pick<ForeignPlc, 'endpoint' | 'nodes'>;
  return {
    ...ready,
    port: Number(new URL(ready.endpoint).port),
    tell: async (command) => {
      const done = new Promise<void>((resolve) => {
        lines.once('line', () => resolve());
      });
      child.stdin.write(`${command}\n`);
      await done;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
