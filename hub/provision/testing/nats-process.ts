import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { inject } from 'vitest';

/** A real nats-server on a configuration file of ours, ready to be connected to. */
export async function startNats(configFile: string) {
  const child: ChildProcess = spawn(inject('programs').natsServer, ['-c', configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const said = async (words: string) => {
    while (!log.includes(words)) {
      if (child.exitCode !== null) throw new Error(`nats-server ended: ${log}`);
      await Promise.race([once(child.stderr as NodeJS.EventEmitter, 'data'), once(child, 'exit')]);
    }
  };
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  await said('Server is ready');
  return {
    pid: child.pid ?? 0,
    /** Waits until the server's log holds these words. */
    said,
    async stop(): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
