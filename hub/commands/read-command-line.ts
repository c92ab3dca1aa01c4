import { parseArgs } from 'node:util';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Command, CommandOptions } from './command.ts';

export interface CommandLine {
  readonly command: Command;
  readonly options: CommandOptions;
  readonly words: readonly string[];
}

/**
 * Finds the command that was typed and reads its options. A line that begins with an option means
 * `run`.
 *
 * @returns BAD_INPUT naming what is wrong.
 */
export function readCommandLine(
  typed: readonly string[],
  commands: readonly Command[],
): Result<CommandLine> {
  const line = typed[0]?.startsWith('--') === true ? ['run', ...typed] : typed;
  const command = commands.find((one) => {
    const name = one.name.split(' ');
    return name.every((word, index) => line[index] === word);
  });
  if (command === undefined) {
    return refuse('BAD_INPUT', `there is no command "${line.slice(0, 2).join(' ')}"`);
  }
  const rest = line.slice(command.name.split(' ').length);
  const known = Object.keys(command.options);
  const { tokens } = parseArgs({
    args: rest,
    options: command.options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options: Record<string, string | true> = {};
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const wantsText = command.options[token.name]?.type === 'string';
    if (!known.includes(token.name)) {
      return refuse('BAD_INPUT', `${command.name} has no option ${token.rawName}`);
    }
    if (wantsText !== (token.value !== undefined)) {
      const what = wantsText ? 'needs a value' : 'takes no value';
      return refuse('BAD_INPUT', `${token.rawName} ${what}`);
    }
    options[token.name] = token.value ?? true;
  }
  if (words.length > (command.words ?? 0)) {
    return refuse('BAD_INPUT', `${command.name} does not take "${words.at(-1) ?? ''}"`);
  }
  return succeed({ command, options, words });
}

/** What there is, for a person. */
export function helpText(commands: readonly Command[]): string {
  const lines = commands.map(({ name, usage, summary }) => `  ${name} ${usage}\n      ${summary}`);
  return `Usage: npm run hub -- COMMAND\n\n${lines.join('\n')}\n`;
}
