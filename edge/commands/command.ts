/** What a command works with. Results go to `out`, all else to stderr. */
export interface CommandContext {
  /** Where relative paths begin. */
  readonly cwd: string;
  /** Writes one line; resolves when the reader can take more. */
  out(line: string): Promise<void>;
  /** A line for a person, on stderr. */
  say(line: string): void;
}

export type CommandOptions = Readonly<Record<string, string | undefined>>;

export interface Command {
  /** One word or two. */
  readonly name: string;
  /** What follows the name, as help shows it. */
  readonly usage: string;
  readonly summary: string;
  /** @returns the exit code. @throws Fault */
  run(
    context: CommandContext,
    options: CommandOptions,
    words: readonly string[],
  ): Promise<number> | number;
}
