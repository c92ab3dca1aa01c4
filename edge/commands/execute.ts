import { Fault } from '#contracts/fault.ts';
import type { Command, CommandContext } from './command.ts';
import { helpText, readCommandLine } from './read-command-line.ts';

/** @returns the exit code: 0 done, 1 failed, 2 what was asked for or configured is wrong. */
export async function execute(
  typed: readonly string[],
  commands: readonly Command[],
  context: CommandContext,
): Promise<number> {
  const line = readCommandLine(typed, commands);
  if (!line.ok) {
    context.say(`${line.refusal.message}; --help says what there is`);
    return 2;
  }
  if ('helpOn' in line.value) {
    context.say(helpText(line.value.helpOn));
    return 0;
  }
  const { command, options, word } = line.value;
  try {
    return await command.run(context, options, word);
  } catch (error) {
    return complain(error, context);
  }
}

/** A fault, or what the system refused, is said in a line; anything else is a bug and keeps its trace. */
function complain(error: unknown, context: CommandContext): number {
  if (error instanceof Fault) {
    context.say(`${error.code}: ${error.message}`);
    return error.code === 'BAD_INPUT' || error.code === 'CONFIG_INVALID' ? 2 : 1;
  }
  if (!isSystemError(error)) throw error;
  context.say(error.message);
  return 1;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
