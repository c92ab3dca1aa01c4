import { describeFault, type ConfigFault } from '#contracts/config-fault.ts';
import { Fault } from '#contracts/fault.ts';
import type { Command, CommandContext } from './command.ts';
import { commandsUnder, helpAsked, helpText, readCommandLine } from './read-command-line.ts';

/** @returns the exit code: 0 done, 1 failed, 2 what was asked for or configured is wrong. */
export async function execute(
  typed: readonly string[],
  commands: readonly Command[],
  context: CommandContext,
): Promise<number> {
  const asked = helpAsked(typed, commands);
  if (asked !== undefined) {
    context.say(helpText(asked));
    return 0;
  }
  const line = readCommandLine(typed, commands);
  if (!line.ok) {
    const [first = ''] = typed;
    const near = commandsUnder([first], commands);
    context.say(`${line.refusal.message}\n\n${helpText(near.length > 0 ? near : commands)}`);
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

/** Says what went wrong, each fault of a config file or a call on a line of its own. */
function complain(fault: Fault, context: CommandContext): number {
  const listed = faultsIn(fault).map((one) => `  ${describeFault(one)}\n`);
  const title =
    fault.code === 'CONFIG_INVALID' && listed.length > 0
      ? fault.message
      : `${fault.code}: ${fault.message}`;
  context.say(`${title}\n${listed.join('')}`);
  return fault.code === 'CONFIG_INVALID' || fault.code === 'BAD_INPUT' ? 2 : 1;
}

function faultsIn({ details }: Fault): ConfigFault[] {
  return Array.isArray(details['faults']) ? (details['faults'] as ConfigFault[]) : [];
}
