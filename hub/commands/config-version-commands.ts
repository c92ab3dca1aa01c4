import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import { createFleetConfig } from '../fleet-config/fleet-config.ts';
import type { Command } from './command.ts';
import { numberOption } from './config-push-commands.ts';
import { requiredOption } from './option.ts';
import { patiently, withStore } from './with-store.ts';

export const configAddCommand: Command = {
  name: 'config add',
  usage: '--config FILE --text FILE --note WORDS',
  summary: 'keep a site configuration as the next version; no gateway gets it yet',
  options: { config: { type: 'string' }, text: { type: 'string' }, note: { type: 'string' } },
  async run(context, options) {
    const file = resolve(context.cwd, requiredOption(options, 'text'));
    const note = requiredOption(options, 'note').slice(0, 300);
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new Fault('BAD_INPUT', `${file} cannot be read`, { cause });
    });
    await withStore(context, options, async (store) => {
      const service = createFleetConfig(store, context.clock);
      const of = { text, note, author: 'command line' };
      const added = await patiently(() => service.add(of));
      // With its faults, which `orFault` would leave out.
      if (!added.ok) {
        const { code, details = {}, message } = added.refusal;
        throw new Fault(code, message, { details });
      }
      await context.out(added.value);
    });
  },
};

export const configVersionsCommand: Command = {
  name: 'config versions',
  usage: '--config FILE',
  summary: 'print the kept configurations, newest first, one JSON line each',
  options: { config: { type: 'string' } },
  async run(context, options) {
    await withStore(context, options, async (store) => {
      for (const one of await createFleetConfig(store, context.clock).versions()) {
        await context.out(one);
      }
    });
  },
};

export const configShowCommand: Command = {
  name: 'config show',
  usage: '--config FILE --version N',
  summary: 'print one version with its text',
  options: { config: { type: 'string' }, version: { type: 'string' } },
  async run(context, options) {
    const version = numberOption(options, 'version');
    await withStore(context, options, async (store) => {
      const read = await createFleetConfig(store, context.clock).version(version);
      if (!read.ok) throw new Fault(read.refusal.code, read.refusal.message);
      await context.out(read.value);
    });
  },
};
