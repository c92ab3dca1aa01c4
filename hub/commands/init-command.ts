import { initHub } from '../provision/init-hub.ts';
import type { InitRequest, InitResult } from '../provision/init-hub.ts';
import type { Command, CommandContext, CommandOptions } from './command.ts';
import { pathOption, portOption } from './option.ts';

export const initCommand: Command = {
  name: 'init',
  usage:
    '--dir DIR [--http-port N] [--nats-port N] [--tenant NAME]' +
    ' [--nats-cert FILE --nats-key FILE [--nats-ca FILE] [--nats-name HOST]]',
  summary: 'set a hub up in a folder; prints the administrator’s password, once',
  options: {
    dir: { type: 'string' },
    'http-port': { type: 'string' },
    'nats-port': { type: 'string' },
    tenant: { type: 'string' },
    'nats-cert': { type: 'string' },
    'nats-key': { type: 'string' },
    'nats-ca': { type: 'string' },
    'nats-name': { type: 'string' },
  },
  async run(context, options) {
    const { tenant } = options;
    const result = await initHub({
      folder: pathOption(context, options, 'dir'),
      tenant: typeof tenant === 'string' ? tenant : 'main',
      httpPort: portOption(options, 'http-port', 7480),
      natsPort: portOption(options, 'nats-port', 7422),
      natsTls: natsTlsOption(context, options),
      clock: context.clock,
      random: context.random,
      log: context.log,
    });
    await context.out(result);
    context.say(nextSteps(result));
  },
};

/** What was made and what comes next, without the secret, which may be meant for a pipe. */
function nextSteps({ config, natsConfig, url, administrator }: InitResult): string {
  return `The hub is set up: ${config}
Keep the password of ${administrator.username} that stands above: it is shown this once.
  nats-server -c ${natsConfig}
  npm run hub -- --config ${config}
Then sign in at ${url}
`;
}

/** Certificate and key come together; the name is the one that stands in the certificate. */
function natsTlsOption(
  context: CommandContext,
  options: CommandOptions,
): InitRequest['natsTls'] | undefined {
  const given = (name: string) => typeof options[name] === 'string';
  if (!['cert', 'key', 'ca', 'name'].some((one) => given(`nats-${one}`))) return undefined;
  const name = options['nats-name'];
  return {
    certFile: pathOption(context, options, 'nats-cert'),
    keyFile: pathOption(context, options, 'nats-key'),
    ...(given('nats-ca') && { caFile: pathOption(context, options, 'nats-ca') }),
    ...(typeof name === 'string' && { name }),
  };
}
