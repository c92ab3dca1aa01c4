import { Fault } from '#contracts/fault.ts';
import { accessStoreOf } from '../access/access-store.ts';
import { bootstrapUsername, createPeople, newPassword } from '../access/people.ts';
import type { Command } from './command.ts';
import { patiently, withStore } from './with-store.ts';

export const resetPasswordCommand: Command = {
  name: 'user reset-password',
  usage: '--config FILE [--username NAME]',
  summary: 'give somebody a new password, printed once; their sessions end',
  options: { config: { type: 'string' }, username: { type: 'string' } },
  async run(context, options) {
    const { username = bootstrapUsername } = options;
    await withStore(context, options, async (store) => {
      const { clock, random } = context;
      const people = createPeople({ store: accessStoreOf(store), clock, random });
      const password = newPassword(random);
      const reset = await patiently(() => people.resetPassword(String(username), password));
      if (!reset.ok) throw new Fault(reset.refusal.code, reset.refusal.message);
      context.log.warn({ username: reset.value.username }, 'access.password-reset');
      await context.out({ username: reset.value.username, password });
    });
  },
};
