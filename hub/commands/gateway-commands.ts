import { Fault, type Result } from '#contracts/fault.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { registerGateway } from '../intake/register-gateway.ts';
import { checkNkey } from '../provision/check-nkey.ts';
import { loadHubSecrets } from '../provision/hub-secrets.ts';
import { reloadNats, type Reloaded } from '../provision/reload-nats.ts';
import { writeNatsConfig } from '../provision/write-nats-config.ts';
import type { Store } from '../store/store.ts';
import type { Command } from './command.ts';
import { requiredOption } from './option.ts';
import { patiently, withStore } from './with-store.ts';

export const gatewayAddCommand: Command = {
  name: 'gateway add',
  usage: '--config FILE --site SITE --id GATEWAY --nkey U… --signing-key BASE64',
  summary: 'register a gateway, and let it in to NATS with rights to its own subjects',
  options: {
    config: { type: 'string' },
    site: { type: 'string' },
    id: { type: 'string' },
    nkey: { type: 'string' },
    'signing-key': { type: 'string' },
  },
  async run(context, options) {
    const wanted = {
      site: requiredOption(options, 'site'),
      gateway: requiredOption(options, 'id'),
      nkeyPublic: requiredOption(options, 'nkey'),
      signingKey: requiredOption(options, 'signing-key'),
    };
    await withStore(context, options, async (store, config) => {
      const { site, gateway, nkeyPublic } = wanted;
      orFault(await checkNkey(store.read, nkeyPublic, gateway));
      orFault(await patiently(() => registerGateway(store, context.clock, wanted)));
      await context.out({ site, gateway, nats: await grantRights(store, config) });
    });
  },
};

/** @throws Fault where something was refused. */
function orFault<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Fault(result.refusal.code, result.refusal.message);
}

/** What became of nats-server's rights, and what a person still has to do. */
type Granted =
  | { readonly configFile: null; readonly next: string }
  | { readonly configFile: string; readonly reload: Reloaded; readonly next: string | null };

async function grantRights(store: Store, config: HubConfig): Promise<Granted> {
  const { natsServer } = config;
  if (natsServer === undefined) {
    return { configFile: null, next: 'give the nkey its rights where NATS is run' };
  }
  const { loginPublic } = await loadHubSecrets(config.keysDir);
  await patiently(() => writeNatsConfig({ ...config, natsServer }, loginPublic, store));
  const { configFile, pidFile } = natsServer;
  const reload: Reloaded =
    pidFile === undefined
      ? { reloaded: false, why: 'no pid file is configured' }
      : await reloadNats(pidFile);
  const byHand = `nats-server --signal reload=${pidFile ?? 'PID'}`;
  return { configFile, reload, next: reload.reloaded ? null : `where it runs: ${byHand}` };
}

export const gatewayListCommand: Command = {
  name: 'gateway list',
  usage: '--config FILE',
  summary: 'print the registered gateways, one JSON line each',
  options: { config: { type: 'string' } },
  async run(context, options) {
    await withStore(context, options, async (store) => {
      const rows = await store.read
        .selectFrom('gateway')
        .leftJoin('lane', 'lane.gateway', 'gateway.gateway')
        .select(['gateway.site', 'gateway.gateway', 'nkey_public', 'signing_key', 'created_at'])
        .select(['lane.epoch', 'lane.committed_seq', 'lane.state'])
        .orderBy('gateway.site')
        .orderBy('gateway.gateway')
        .execute();
      for (const row of rows) {
        await context.out({
          site: row.site,
          gateway: row.gateway,
          nkey: row.nkey_public,
          signingKey: row.signing_key,
          createdAt: row.created_at,
          epoch: row.epoch,
          committed: row.committed_seq,
          state: row.state ?? 'never-seen',
        });
      }
    });
  },
};
