import { Fault } from '#contracts/fault.ts';
import type { Command, CommandContext } from './command.ts';
import { helpText, readCommandLine } from './read-command-line.ts';

/** @returns the exit code: 0 done, 1 failed, 2 what was asked for or configured is wrong. */
export async function execute(
  typed: readonly string[],
  commands: readonly Command[],
  context: CommandContext,
): Promise<number> {
  const [first] = typed;
  if (first === undefined || first === 'help' || typed.includes('--help')) {
    context.say(helpText(commands));
    return first === undefined ? 2 : 0;
  }
  const line = readCommandLine(typed, commands);
  if (!line.ok) {
    context.say(`${line.refusal.message}\n\n${helpText(commands)}`);
    return 2;
  }
  const { command, options, words } = line.value;
  try {
    await command.run(context, options, words);
    return 0;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return complain(error, context);
  }
}

/** Says what went wrong, with each fault of a config file on a line of its own. */
function complain(fault: Fault, context: CommandContext): number {
  const { faults } = fault.details;
  const listed = Array.isArray(faults) ? faults.map((one) => `${JSON.stringify(one)}\n`) : [];
  context.say(`${fault.code}: ${fault.message}\n${listed.join('')}`);
  return fault.code === 'CONFIG_INVALID' || fault.code === 'BAD_INPUT' ? 2 : 1;
}
