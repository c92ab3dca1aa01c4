import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const root = new URL('../..', import.meta.url).pathname;

/** Path of a part's command line, to be run with the Node that runs this. */
export function cliPath(part: 'edge' | 'hub'): string {
  return `${root}${part}/cli.ts`;
}

/** A command of ours: `{part: 'hub', command: 'gateway add', options: {site: 'site-1'}}`. */
export interface Tool {
  readonly part: 'edge' | 'hub';
  readonly command: string;
  readonly options: Readonly<Record<string, string>>;
}

/** A command that did not succeed, with what it said. */
class ToolFailed extends Error {
  readonly exitCode: number | null;

  constructor({ part, command }: Tool, exitCode: number | null, said: string) {
    super(`${part} ${command} ended with ${exitCode}: ${said.trim().slice(-2000)}`);
    this.name = 'ToolFailed';
    this.exitCode = exitCode;
  }
}

/** Runs one of our commands to its end. @returns its stdout. @throws ToolFailed */
export async function runTool(tool: Tool): Promise<string> {
  const lines: string[] = [];
  for await (const line of toolLines(tool)) lines.push(line);
  return lines.join('\n');
}

/**
 * Runs one of our commands and gives its stdout line by line, so that an export of any length
 * never lies in memory as a whole.
 *
 * @throws ToolFailed when it ends with anything but 0.
 */
export async function* toolLines(tool: Tool): AsyncIterable<string> {
  const options = Object.entries(tool.options).flatMap(([name, value]) => [`--${name}`, value]);
  const args = [cliPath(tool.part), ...tool.command.split(' '), ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: root });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-8000);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) yield line;
    const exitCode = await ended;
    if (exitCode !== 0) throw new ToolFailed(tool, exitCode, said);
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}
