import { parseArgs } from 'node:util';

/** What an option takes: a whole number within bounds, a text that a function reads, or nothing. */
export type OptionRule = { readonly does: string } & (
  | {
      readonly type: 'number';
      readonly min: number;
      readonly max: number;
      readonly otherwise: number;
    }
  | { readonly type: 'flag' }
  | { readonly type: 'text'; readonly value: string; readonly many?: boolean }
);

export interface Arguments {
  /** Help was asked for: nothing else is to be done. */
  readonly help: boolean;
  /** What is wrong with the command line; then the rest is not to be used. */
  readonly faults: readonly string[];
  readonly numbers: Readonly<Record<string, number>>;
  readonly flags: ReadonlySet<string>;
  readonly texts: Readonly<Record<string, readonly string[]>>;
  /** Options that were given, whatever their value. */
  readonly given: ReadonlySet<string>;
}

/** Reads a command line and names every fault at once. */
export function readArguments(
  argv: readonly string[],
  rules: Readonly<Record<string, OptionRule>>,
): Arguments {
  const faults: string[] = [];
  const numbers: Record<string, number> = {};
  const texts: Record<string, string[]> = {};
  const flags = new Set<string>();
  const given = new Set<string>();
  let help = false;
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.type === 'number') numbers[name] = rule.otherwise;
    if (rule.type === 'text') texts[name] = [];
  }
  for (const { name, value } of optionsOf(argv, rules, faults)) {
    const rule = rules[name];
    if (name === 'help' || name === 'h') {
      help = true;
      continue;
    }
    if (rule === undefined) {
      faults.push(`--${name}: there is no such option`);
      continue;
    }
    if (given.has(name) && !(rule.type === 'text' && rule.many === true)) {
      faults.push(`--${name}: is given more than once`);
    }
    given.add(name);
    const fault = take(name, value, rule, { numbers, texts, flags });
    if (fault !== undefined) faults.push(`--${name}: ${fault}`);
  }
  return { help, faults, numbers, flags, texts, given };
}

function optionsOf(
  argv: readonly string[],
  rules: Readonly<Record<string, OptionRule>>,
  faults: string[],
): { name: string; value: string | undefined }[] {
  const options = Object.fromEntries(
    Object.entries(rules).map(([name, { type }]) => [
      name,
      { type: type === 'flag' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const found: { name: string; value: string | undefined }[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') faults.push(`${token.value}: is no option`);
    if (token.kind === 'option') found.push({ name: token.name, value: token.value });
  }
  return found;
}

function take(
  name: string,
  value: string | undefined,
  rule: OptionRule,
  into: { numbers: Record<string, number>; texts: Record<string, string[]>; flags: Set<string> },
): string | undefined {
  if (rule.type === 'flag') {
    if (value !== undefined) return 'takes no value';
    into.flags.add(name);
    return undefined;
  }
  if (value === undefined || value === '') return 'needs a value';
  if (rule.type === 'text') {
    into.texts[name]?.push(value);
    return undefined;
  }
  const number = Number(value);
  if (!/^-?\d+$/.test(value) || number < rule.min || number > rule.max) {
    return `${value} is no whole number from ${rule.min} to ${rule.max}`;
  }
  into.numbers[name] = number;
  return undefined;
}

/** A stretch of time in which a link is cut. */
export interface OutagePlan {
  readonly fromS: number;
  readonly toS: number;
}

/** Reads `20-35,50-55`: seconds from the start. @returns a fault in words where it is none. */
export function readOutages(text: string, seconds: number): readonly OutagePlan[] | string {
  const outages: OutagePlan[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d+)-(\d+)$/.exec(part.trim());
    const [fromS, toS] = [Number(match?.[1]), Number(match?.[2])];
    if (match === null || fromS >= toS) return `"${part}" is no stretch such as 20-35`;
    if (toS > seconds) return `${part} ends after the run of ${seconds} s`;
    if (fromS < (outages.at(-1)?.toS ?? 0)) return `${part} begins before the one before it ends`;
    outages.push({ fromS, toS });
  }
  return outages;
}
