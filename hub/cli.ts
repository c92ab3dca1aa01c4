import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { allCommands } from './commands/all-commands.ts';
import { execute } from './commands/execute.ts';
import { createLog } from './create-log.ts';
import { systemClock } from './system-clock.ts';

/** Results go to stdout as JSON, one value a line; the log and complaints go to stderr. */
async function out(value: unknown): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(value)}\n`)) await once(process.stdout, 'drain');
}

// Nobody reads on: `head` had enough.
process.stdout.on('error', () => process.exit(0));

process.exitCode = await execute(process.argv.slice(2), allCommands, {
  // npm changes to the package's folder; paths count from where the person is.
  cwd: process.env['INIT_CWD'] ?? process.cwd(),
  clock: systemClock,
  random: (size) => randomBytes(size),
  // A command says what a person reads; only what goes wrong within is logged. `run` logs itself.
  log: createLog('error'),
  out,
  input: () => text(process.stdin),
  say: (words) => void process.stderr.write(words),
});
