import { resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import { describeFault } from '#contracts/config-fault.ts';
import type { Command, CommandContext } from './command.ts';
import { tokenText } from './enroll-command.ts';
import type { Replaced } from '../replace/replace.ts';
import { optionOf } from './option-of.ts';

export const replaceCommand: Command = {
  name: 'replace',
  options: {
    dir: { value: 'DIR', required: true },
    token: { value: 'TOKEN' },
    'token-file': { value: 'FILE' },
    'config-copy': { value: 'FILE' },
  },
  summary:
    'take the place of a dead gateway: keys, book and config by a token of `hub gateway token --replace`',
  async run(context, options) {
    const text = await tokenText(context, options);
    if (text === undefined) {
      const message = 'give the token with --token-file FILE (- for stdin) or --token';
      throw new Fault('BAD_INPUT', message);
    }
    const { readToken } = await import('../enrol/read-token.ts');
    const { replace } = await import('../replace/replace.ts');
    const copy = options['config-copy'];
    const done = await replace({
      dir: resolve(context.cwd, optionOf(options, 'dir')),
      token: readToken(text),
      configCopy: copy === undefined ? undefined : resolve(context.cwd, copy),
      say: (words) => context.say(words),
    });
    const { faults, missing, ...shown } = done;
    const counts = { faults: faults.length, missing: missing.length };
    await context.out(JSON.stringify({ ...shown, ...counts }));
    sayNext(context, done);
    return 0;
  },
};

function sayNext(
  context: CommandContext,
  { config, configFrom, faults, missing, pending, restored, sameConfig }: Replaced,
): void {
  const say = (words: string) => context.say(words);
  if (pending !== undefined) say(`At the hub somebody still has to do this: ${pending}`);
  if (restored === null) {
    say('The former box never delivered anything: this one begins as the first.');
  } else {
    const { uncertainFrom: from, uncertainTo: to } = restored;
    say(`What happened from ${from} to ${to} is unknown: every zone becomes a recount.`);
    const { acts, scans } = restored;
    say(
      `Sent again, ${acts} acts and ${scans} scans of before are known; used limits are restored.`,
    );
    say(
      'Acts, scans and limits used in the unknown time are not in this book: what a page or a ' +
        'scanner still holds of it comes in now, the rest is found by the recounts.',
    );
    say('Not restored: lines of documents (each open one is a task: send it again), passes.');
  }
  if (configFrom === 'book') {
    say('The hub does not know the config: zones are from the book; add devices and the rest.');
  }
  if (sameConfig === false) say('The config is another one than the former box had last.');
  for (const fault of faults) say(`  ${describeFault(fault)}`);
  if (missing.length > 0)
    say('It starts without these, and turns devices away until they are there:');
  for (const fault of missing) say(`  ${describeFault(fault)}`);
  say(`${faults.length > 0 ? 'Mend that, then' : 'Then'}: gateway --config ${config}`);
}
