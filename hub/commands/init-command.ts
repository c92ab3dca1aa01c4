import { initHub } from '../provision/init-hub.ts';
import type { Command } from './command.ts';
import { pathOption, portOption } from './option.ts';

export const initCommand: Command = {
  name: 'init',
  usage: '--dir DIR [--http-port N] [--nats-port N] [--tenant NAME]',
  summary: 'set a hub up in a folder; prints the administrator’s password, once',
  options: {
    dir: { type: 'string' },
    'http-port': { type: 'string' },
    'nats-port': { type: 'string' },
    tenant: { type: 'string' },
  },
  async run(context, options) {
    const { tenant } = options;
    const result = await initHub({
      folder: pathOption(context, options, 'dir'),
      tenant: typeof tenant === 'string' ? tenant : 'main',
      httpPort: portOption(options, 'http-port', 7480),
      natsPort: portOption(options, 'nats-port', 7422),
      clock: context.clock,
      random: context.random,
      log: context.log,
    });
    await context.out(result);
  },
};
