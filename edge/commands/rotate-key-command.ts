import { resolve } from 'node:path';
import { profileOf } from '../../devices/registry.ts';
import { gatewayClient } from '../live/gateway-client.ts';
import type { Command } from './command.ts';
import { optionOf } from './option-of.ts';
import { ownConfig } from './own-config.ts';

export const rotateKeyCommand: Command = {
  name: 'rotate-key',
  options: { config: { value: 'FILE', required: true } },
  summary:
    'have the running gateway make the next key that signs its journal; it is named in the journal ' +
    'and takes over once the hub knows it',
  async run(context, options) {
    const file = resolve(context.cwd, optionOf(options, 'config'));
    const client = gatewayClient(ownConfig(context, file), file, profileOf);
    const answer = await client.ask('POST', '/identity/rotate-key');
    await context.out(JSON.stringify(await answer.json()));
    context.say(
      'The key before goes on signing until the hub has the entry; nothing waits for it.',
    );
    return 0;
  },
};
