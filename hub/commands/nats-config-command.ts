import { loadHubSecrets } from '../provision/hub-secrets.ts';
import { grantRights } from '../provision/grant-rights.ts';
import type { Command } from './command.ts';
import { patiently, withStore } from './with-store.ts';

export const natsConfigCommand: Command = {
  name: 'nats-config',
  usage: '--config FILE',
  summary: 'write nats-server’s configuration anew, after a change of hub.yaml, and reload it',
  options: { config: { type: 'string' } },
  async run(context, options) {
    await withStore(context, options, async (store, config) => {
      const { loginPublic } = await loadHubSecrets(config.keysDir);
      await context.out(await patiently(() => grantRights(store, config, loginPublic)));
    });
  },
};
