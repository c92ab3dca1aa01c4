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
    const what = line.slice(0, 2).join(' ');
    return refuse('BAD_INPUT', what === '' ? 'name a command' : `there is no command "${what}"`);
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

/**
 * The commands on which somebody asks for help: `help`, `--help` or `-h` alone is about all, after
 * words about those that begin so. Undefined: nobody asks, or there is no such command.
 */
export function helpAsked(
  typed: readonly string[],
  commands: readonly Command[],
): readonly Command[] | undefined {
  const isHelp = typed[0] === 'help' || typed.some((one) => one === '--help' || one === '-h');
  if (!isHelp) return undefined;
  const words = typed.filter((word) => !word.startsWith('-'));
  const about = typed[0] === 'help' ? words.slice(1) : words;
  if (typed[0]?.startsWith('-') === true || about.length === 0) return commands;
  const found = commandsUnder(about, commands);
  return found.length > 0 ? found : undefined;
}

/** The command that was named in one word or two, or all that begin with that one word. */
export function commandsUnder(words: readonly string[], commands: readonly Command[]): Command[] {
  const [first, second] = words;
  const exact = commands.filter(({ name }) => name === first || name === `${first} ${second}`);
  if (exact.length > 0 || second !== undefined) return exact;
  return commands.filter(({ name }) => name.startsWith(`${first} `));
}

/** What there is, for a person. */
export function helpText(commands: readonly Command[]): string {
  const lines = commands.map(({ name, usage, summary }) => `  ${name} ${usage}\n      ${summary}`);
  return `Usage: npm run hub -- COMMAND\n\n${lines.join('\n')}\n`;
}
