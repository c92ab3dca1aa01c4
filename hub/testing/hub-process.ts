import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run hub -- …` as a process of its own. Relative paths begin at `cwd`. */
export function startHubProcess(cwd: string, ...typed: string[]) {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, '../cli.ts'), ...typed],
    { env: { ...process.env, INIT_CWD: cwd }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => void (said.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => void (said.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]): Ended => ({
    code: code as number | null,
    ...said,
  }));
  return {
    ended,
    stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<Ended> {
      child.kill(signal);
      return ended;
    },
    /** Waits until the log holds these words. */
    async said(words: string): Promise<void> {
      while (!said.stderr.includes(words)) {
        if (child.exitCode !== null) throw new Error(`the hub ended: ${said.stderr}`);
        await Promise.race([once(child.stderr as NodeJS.EventEmitter, 'data'), ended]);
      }
    },
  };
}

/** The values that a command printed. */
export function linesOf({ stdout }: Pick<Ended, 'stdout'>): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
