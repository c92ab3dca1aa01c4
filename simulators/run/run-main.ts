import process from 'node:process';
import { messageOf } from '#contracts/fault.ts';
import { helpText, type CommandSpec } from './command-help.ts';
import { readArguments, type Arguments } from './read-arguments.ts';

/** Where runs live: below the project, ignored by git. */
export function runFolder(name: string): string {
  return new URL(`../../.holdfast/${name}`, import.meta.url).pathname;
}

/** Reads the command line; prints its help, if that was asked for, and ends with 0. */
export function readCommandLine(command: CommandSpec): Arguments {
  const read = readArguments(process.argv.slice(2), command.options);
  if (!read.help) return read;
  process.stdout.write(helpText(command));
  process.exit(0);
}

/**
 * Runs a command and ends the process: with 2 and every fault of its command line, with what `main`
 * returns, with 130 when it was interrupted, or with 1 and what went wrong.
 */
export async function runCommandLine(
  { name }: CommandSpec,
  faults: readonly string[],
  main: (signal: AbortSignal) => Promise<number>,
): Promise<never> {
  const say = (what: string) => process.stderr.write(`${name}: ${what}\n`);
  if (faults.length > 0) {
    for (const fault of faults) say(fault);
    say(`"npm run ${name} -- --help" lists what can be said`);
    process.exit(2);
  }
  const signal = interruption();
  try {
    process.exitCode = await main(signal);
  } catch (error) {
    if (!signal.aborted) say(messageOf(error));
    process.exitCode = signal.aborted ? 130 : 1;
  }
  // Sockets of simulated devices that linger must not keep a finished run alive.
  process.exit();
}

/** Aborts on ctrl-C and its like; a second one ends at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Error('interrupted'));
    });
  }
  return controller.signal;
}
