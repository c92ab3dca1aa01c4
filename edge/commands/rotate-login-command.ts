import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import type { Command } from './command.ts';
import { optionOf } from './option-of.ts';
import { ownConfig } from './own-config.ts';

export const rotateLoginCommand: Command = {
  name: 'rotate-login',
  options: {
    config: { value: 'FILE', required: true },
    'hub-url': { value: 'URL' },
  },
  summary:
    'change the login to NATS, also of a gateway that runs; the old one works until the new does',
  async run(context, options) {
    const config = ownConfig(context, resolve(context.cwd, optionOf(options, 'config')));
    const { hub } = config;
    const url = options['hub-url'];
    const urls = url === undefined ? (hub.apiUrls ?? []) : [url];
    if (urls.length === 0) {
      throw new Fault(
        'BAD_INPUT',
        "name the hub's API with --hub-url, or as hub.apiUrls in the config",
      );
    }
    const caFile = hub.tls?.caFile;
    const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8');
    const { rotateLogin } = await import('../enrol/rotate-login.ts');
    const { pending, ...done } = await rotateLogin(config, { urls, ca });
    await context.out(JSON.stringify(done));
    if (pending !== undefined) context.say(`At the hub somebody still has to do this: ${pending}`);
    return 0;
  },
};
