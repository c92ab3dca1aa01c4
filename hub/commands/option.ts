import { resolve } from 'node:path';
import type { ConfigFault } from '#contracts/config-fault.ts';
import { Fault } from '#contracts/fault.ts';
import type { CommandContext, CommandOptions } from './command.ts';

/** @throws Fault BAD_INPUT when the option was not given. */
export function requiredOption(options: CommandOptions, name: string): string {
  const value = options[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new Fault('BAD_INPUT', `--${name} is missing`);
}

/** Values that must all be given. @throws Fault BAD_INPUT naming every one that was not. */
export function requiredOptions<K extends string>(
  options: CommandOptions,
  names: readonly K[],
): Readonly<Record<K, string>> {
  const missing = names.filter((name) => typeof options[name] !== 'string' || options[name] === '');
  if (missing.length > 0) throw callFault(missing.map((name) => missingOption(name)));
  return Object.fromEntries(names.map((name) => [name, options[name]])) as Record<K, string>;
}

function missingOption(name: string): ConfigFault {
  return { path: `--${name}`, value: undefined, message: 'is missing', remedy: 'Give it a value.' };
}

/** A call with faults, all of which are said. */
export function callFault(faults: readonly ConfigFault[]): Fault {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return new Fault('BAD_INPUT', `the call has ${count}`, { details: { faults } });
}

/** A file or folder, from where the person stands. */
export function pathOption(
  context: Pick<CommandContext, 'cwd'>,
  options: CommandOptions,
  name: string,
): string {
  return resolve(context.cwd, requiredOption(options, name));
}

/** @throws Fault BAD_INPUT when it is no port number. */
export function portOption(options: CommandOptions, name: string, otherwise: number): number {
  const value = options[name];
  if (value === undefined) return otherwise;
  const port = Number(value);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new Fault('BAD_INPUT', `--${name} must be a port from 1 to 65535`);
}
