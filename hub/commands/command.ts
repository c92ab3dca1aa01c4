import type { Logger } from 'pino';
import type { Clock } from '#contracts/time.ts';
import type { RandomBytes } from '../access/random-bytes.ts';

/** What a command works with. Results go to `out`, everything else to the log on stderr. */
export interface CommandContext {
  /** Where relative paths begin. */
  readonly cwd: string;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  /** Writes one line of JSON; resolves when the reader can take more. */
  out(value: unknown): Promise<void>;
  /** All that comes on stdin, at its end. */
  input(): Promise<string>;
  /** Says something to the person, as it is. */
  say(text: string): void;
}

/** Options as they were typed, all text; flags are true. */
export type CommandOptions = Readonly<Record<string, string | true | undefined>>;

export interface Command {
  /** One word or two: `gateway add`. */
  readonly name: string;
  /** What follows the name, as help shows it. */
  readonly usage: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;
  /** How many words may follow the name. */
  readonly words?: number;
  run(context: CommandContext, options: CommandOptions, words: readonly string[]): Promise<void>;
}
