import { spawn } from 'node:child_process';
import process from 'node:process';

export interface CommandEnd {
  readonly code: number | null;
  readonly lastLine: string;
  /** The end of what it said on the way, for a failed test to show. */
  readonly said: string;
}

/** Runs a script of ours as its own process, to its end. */
export function runCommand(script: URL, args: readonly string[]): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script.pathname, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-16_000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, lastLine: output.trimEnd().split('\n').at(-1) ?? '', said });
    });
  });
}
