import { resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import type { CommandContext, CommandOptions } from './command.ts';

/** @throws Fault BAD_INPUT when the option was not given. */
export function requiredOption(options: CommandOptions, name: string): string {
  const value = options[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new Fault('BAD_INPUT', `--${name} is missing`);
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
