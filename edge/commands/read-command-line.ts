import { parseArgs } from 'node:util';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Command, CommandOptions } from './command.ts';

export interface CommandLine {
  readonly command: Command;
  readonly options: CommandOptions;
  /** What followed the command's name. */
  readonly word: string | undefined;
}

/** Somebody asks what there is: about one command, about those that begin alike, or about all. */
export interface HelpWanted {
  readonly helpOn: readonly Command[];
}

/**
 * Finds the command that was typed and checks all its options. A line without a command, but with
 * options, means `run`.
 *
 * @returns BAD_INPUT naming what is wrong.
 */
export function readCommandLine(
  typed: readonly string[],
  commands: readonly Command[],
): Result<CommandLine | HelpWanted> {
  const { words, given, isHelp } = split(typed, commands);
  const implied = words.length === 0 && given.length > 0 ? ['run'] : words;
  const command = commands.find(({ name }) =>
    name.split(' ').every((word, index) => implied[index] === word),
  );
  const helpOn = isHelp ? commandsUnder(words, commands) : [];
  if (helpOn.length > 0) return succeed({ helpOn });
  if (command === undefined) {
    const what = words.slice(0, 2).join(' ');
    return refuse('BAD_INPUT', what === '' ? 'name a command' : `there is no command "${what}"`);
  }
  const [word, ...further] = implied.slice(command.name.split(' ').length);
  const surplus = command.word === undefined ? word : further[0];
  const faults = [
    ...given.flatMap((one) => faultsOf(one, command)),
    ...(surplus === undefined ? [] : [`${command.name} does not take "${surplus}"`]),
    ...countFaults(given, command),
  ];
  if (faults[0] !== undefined) return refuse('BAD_INPUT', faults[0]);
  const options = Object.fromEntries(given.map(({ name, value }) => [name, value]));
  return succeed({ command, options, word });
}

/** Those that words after or before `--help` are about: none where there is no such command. */
function commandsUnder(words: readonly string[], commands: readonly Command[]): readonly Command[] {
  const [first, second] = words[0] === 'help' ? words.slice(1) : words;
  if (first === undefined) return commands;
  const exact = commands.filter(({ name }) => name === first || name === `${first} ${second}`);
  if (exact.length > 0 || second !== undefined) return exact;
  return commands.filter(({ name }) => name.startsWith(`${first} `));
}

interface Given {
  readonly name: string;
  /** As it was typed, with its dashes. */
  readonly rawName: string;
  readonly value: string | undefined;
}

/** Words may stand before and after options, so options of any command are taken apart alike. */
function split(typed: readonly string[], commands: readonly Command[]) {
  const names = commands.flatMap(({ options }) => Object.keys(options));
  const { tokens } = parseArgs({
    args: [...typed],
    options: {
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' } as const])),
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: string[] = [];
  const given: Given[] = [];
  let isHelp = typed[0] === 'help';
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    if (name === 'help' && value === undefined) isHelp = true;
    // `--config --log-level debug` forgot the file; a value that begins so is typed with `=`. A dash
    // alone is a file: stdin.
    else if (inlineValue === false && value !== '-' && value.startsWith('-'))
      given.push({ name, rawName, value: '' });
    else given.push({ name, rawName, value });
  }
  return { words, given, isHelp };
}

/** What is wrong with one option of a command. */
function faultsOf({ name, rawName, value }: Given, command: Command): string[] {
  const rule = Object.hasOwn(command.options, name) ? command.options[name] : undefined;
  if (rule === undefined) return [`${command.name} has no option ${rawName}`];
  if (value === undefined || value === '') return [`--${name} needs a value`];
  if (rule.oneOf === undefined || rule.oneOf.includes(value)) return [];
  return [`--${name} does not take "${value}": use one of ${rule.oneOf.join(', ')}`];
}

function countFaults(given: readonly Given[], command: Command): string[] {
  return Object.entries(command.options).flatMap(([option, { required }]) => {
    const times = given.filter(({ name }) => name === option).length;
    if (times > 1) return [`--${option} is given twice`];
    return times === 0 && required === true ? [`--${option} is missing`] : [];
  });
}

/** What there is, for a person. */
export function helpText(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => [
    `  ${usageOf(command)}`,
    `      ${command.summary}`,
    ...Object.entries(command.options).flatMap(([name, { oneOf }]) =>
      oneOf === undefined ? [] : [`      --${name}: ${oneOf.join(', ')}`],
    ),
  ]);
  return ['usage: npm run gateway -- COMMAND', ...lines].join('\n');
}

function usageOf({ name, word, options }: Command): string {
  const rules = Object.entries(options).map(([option, { value, required }]) => {
    return required === true ? `--${option} ${value}` : `[--${option} ${value}]`;
  });
  return [name, ...(word === undefined ? [] : [word]), ...rules].join(' ');
}
