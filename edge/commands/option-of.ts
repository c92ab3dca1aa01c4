import { assert } from '#contracts/assert.ts';
import type { CommandOptions } from './command.ts';

/** The value of an option that the command requires, so that it was not even started without. */
export function optionOf(options: CommandOptions, name: string): string {
  const value = options[name];
  assert(value !== undefined, `--${name} is required by its command`);
  return value;
}
