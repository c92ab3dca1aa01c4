import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { Command, CommandContext, CommandOptions } from './command.ts';
import { optionOf } from './option-of.ts';

/** More than any token, less than what somebody pipes in by mistake. */
const maxTokenBytes = 64 * 1024;

export const enrollCommand: Command = {
  name: 'enroll',
  options: {
    dir: { value: 'DIR', required: true },
    token: { value: 'TOKEN' },
    'token-file': { value: 'FILE' },
  },
  summary:
    'make keys here and let the hub take them, by a token of `hub gateway token`; FILE may be - for stdin',
  async run(context, options) {
    const text = await tokenText(context, options);
    if (text === undefined) {
      throw new Fault(
        'BAD_INPUT',
        'give the token with --token-file FILE (- for stdin) or --token',
      );
    }
    await enrolAt(context, optionOf(options, 'dir'), text);
    return 0;
  },
};

/** The token that was typed or named; undefined where neither was. */
export async function tokenText(
  context: CommandContext,
  options: CommandOptions,
): Promise<string | undefined> {
  const { token, 'token-file': file } = options;
  if (token !== undefined && file !== undefined) {
    throw new Fault('BAD_INPUT', 'give --token or --token-file, not both');
  }
  if (file === undefined) return token;
  try {
    const read = file === '-' ? context.input() : readFile(resolve(context.cwd, file), 'utf8');
    const text = await read;
    return text.slice(0, maxTokenBytes);
  } catch (cause) {
    throw new Fault('BAD_INPUT', `the token cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** Also what `init --token` does. */
async function enrolAt(context: CommandContext, dir: string, text: string): Promise<void> {
  const { readToken } = await import('../enrol/read-token.ts');
  const { enrol } = await import('../enrol/enrol.ts');
  const { pending, ...done } = await enrol({
    dir: resolve(context.cwd, dir),
    token: readToken(text),
  });
  await context.out(JSON.stringify(done));
  if (pending !== undefined) context.say(`At the hub somebody still has to do this: ${pending}`);
  context.say(`Enrolled. Add devices to ${done.config}, then: gateway --config ${done.config}`);
}
