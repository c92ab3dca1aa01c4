import type { OptionRule } from './read-arguments.ts';

/** What a command line can do, for the one who reads it and for the one who types it. */
export interface CommandSpec {
  /** As in `npm run NAME`. */
  readonly name: string;
  readonly does: string;
  readonly options: Readonly<Record<string, OptionRule>>;
  /** What the figures that it shows mean, a line each. */
  readonly counted?: readonly string[];
  /** Exit code and when it comes, beside those that all commands have. */
  readonly exits: Readonly<Record<number, string>>;
}

/** Where the numbers come from that decide what happens. */
export const seedOption: OptionRule = {
  type: 'number',
  min: 0,
  max: 2_147_483_647,
  otherwise: 1,
  does: 'equal seeds make equal worlds',
};

const exitsOfAll = { 2: 'the command line is wrong', 130: 'interrupted before its end' } as const;

/** The text of `--help`. */
export function helpText({ name, does, options, counted = [], exits }: CommandSpec): string {
  const listed = Object.entries(options).map(([option, rule]) => [
    `--${option}${valueOf(rule)}`,
    rule.does + rangeOf(rule),
  ]);
  const codes = Object.entries({ ...exitsOfAll, ...exits });
  return [
    `Usage: npm run ${name} -- [options]`,
    '',
    does,
    '',
    'Options:',
    ...columns([...listed, ['--help', 'this text']]),
    '',
    ...(counted.length === 0 ? [] : ['Counted:', ...counted.map((line) => `  ${line}`), '']),
    'Exit codes:',
    ...columns(codes),
    '',
  ].join('\n');
}

function valueOf(rule: OptionRule): string {
  if (rule.type === 'flag') return '';
  return rule.type === 'number' ? ' N' : ` ${rule.value}`;
}

function rangeOf(rule: OptionRule): string {
  if (rule.type === 'text') return rule.many === true ? ' (may be given again)' : '';
  return rule.type === 'flag' ? '' : ` (${rule.min} to ${rule.max}; default ${rule.otherwise})`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([first = '']) => first.length));
  return rows.map(([first = '', second = '']) => `  ${first.padEnd(width)}  ${second}`);
}
