/** What a command works with. Results go to `out`, all else to stderr. */
export interface CommandContext {
  /** Where relative paths begin. */
  readonly cwd: string;
  /** Writes one line; resolves when the reader can take more. */
  out(line: string): Promise<void>;
  /** All that comes on stdin, at its end. */
  input(): Promise<string>;
  /** A line for a person, on stderr. */
  say(line: string): void;
}

/** An option, which always has a value. */
export interface OptionRule {
  /** What stands for the value in help. */
  readonly value: string;
  readonly required?: true;
  /** The values that it takes, where they can be counted. */
  readonly oneOf?: readonly string[];
}

/** Values by option, as `readCommandLine` checked them: those that are required are there. */
export type CommandOptions = Readonly<Record<string, string | undefined>>;

export interface Command {
  /** One word or two. */
  readonly name: string;
  /** What stands in help for the one word that may follow the name; absent: none may. */
  readonly word?: string;
  readonly options: Readonly<Record<string, OptionRule>>;
  readonly summary: string;
  /** @returns the exit code. @throws Fault */
  run(
    context: CommandContext,
    options: CommandOptions,
    word: string | undefined,
  ): Promise<number> | number;
}
