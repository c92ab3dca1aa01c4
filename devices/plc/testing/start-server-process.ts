import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** An OPC UA server as somebody else would build it, in a process of its own. */
export interface ServerProcess<N extends string> {
  readonly endpoint: string;
  readonly port: number;
  /** Node addresses by namespace URI. */
  readonly nodes: Readonly<Record<N, string>>;
  /** One of the commands that the program takes on stdin; resolves when it is done. */
  tell(command: string): Promise<void>;
  /** Ends the process without a goodbye, as a power cut does. */
  kill(): Promise<void>;
}

/** Starts it and waits until it serves. `args` as in the head of the program. */
export async function startServerProcess<N extends string>(
  program: string,
  args: readonly string[],
): Promise<ServerProcess<N>> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}`)));
  });
  const ready = JSON.parse(line) as Pick<ServerProcess<N>, 'endpoint' | 'nodes'>;
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
