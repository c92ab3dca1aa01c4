import type { ConfigFault } from '#contracts/config-fault.ts';
import { expectationOf, schemaParts } from '#contracts/schema-words.ts';
import { name } from '#contracts/schema.ts';
import { validate } from '#contracts/validate.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { revokeGateway } from '../enrol/revoke-gateway.ts';
import { registerGateway } from '../intake/register-gateway.ts';
import { parseVerifyKey } from '../intake/wire-crypto.ts';
import { checkNkey, isUserNkey } from '../provision/check-nkey.ts';
import { grantRights, type Granted } from '../provision/grant-rights.ts';
import { loadHubSecrets } from '../provision/hub-secrets.ts';
import type { Store } from '../store/store.ts';
import type { Command } from './command.ts';
import { callFault, requiredOptions } from './option.ts';
import { orFault } from './or-fault.ts';
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
    const given = requiredOptions(options, ['config', 'site', 'id', 'nkey', 'signing-key']);
    const faults = addFaults(given);
    if (faults.length > 0) throw callFault(faults);
    const wanted = {
      site: given.site,
      gateway: given.id,
      nkeyPublic: given.nkey,
      signingKey: given['signing-key'],
    };
    await withStore(context, options, async (store, config) => {
      const { site, gateway, nkeyPublic } = wanted;
      orFault(await checkNkey(store.read, nkeyPublic, gateway));
      orFault(await patiently(() => registerGateway(store, context.clock, wanted)));
      await context.out({ site, gateway, nats: await grant(store, config) });
    });
  },
};

/** What is wrong with the values themselves; whether they are taken, the store says. */
function addFaults(given: Readonly<Record<'site' | 'id' | 'nkey' | 'signing-key', string>>) {
  const faultOf = (option: keyof typeof given, message: string, remedy: string): ConfigFault => {
    return { path: `--${option}`, value: given[option], message, remedy };
  };
  const printed = '`gateway init` at the box prints it';
  const named = (['site', 'id'] as const)
    .filter((option) => !validate(name, given[option]).ok)
    .map((option) => faultOf(option, 'is no name', `Use ${expectationOf(schemaParts(name))}.`));
  return [
    ...named,
    ...(isUserNkey(given.nkey)
      ? []
      : [faultOf('nkey', 'is no public nkey of a user', `It begins with U: ${printed}.`)]),
    ...(parseVerifyKey(given['signing-key']).ok
      ? []
      : [faultOf('signing-key', 'is no Ed25519 public key', `Base64 of 32 bytes: ${printed}.`)]),
  ];
}

async function grant(store: Store, config: HubConfig): Promise<Granted> {
  const { loginPublic } = await loadHubSecrets(config.keysDir);
  return await patiently(() => grantRights(store, config, loginPublic));
}

export const gatewayRevokeCommand: Command = {
  name: 'gateway revoke',
  usage: '--config FILE --site SITE --id GATEWAY',
  summary: 'take a gateway’s right to connect; its session is cut, what it sent stays',
  options: { config: { type: 'string' }, site: { type: 'string' }, id: { type: 'string' } },
  async run(context, options) {
    const { site, id: gateway } = requiredOptions(options, ['config', 'site', 'id']);
    await withStore(context, options, async (store, config) => {
      const of = { site, gateway };
      const { revokedAt } = orFault(await patiently(() => revokeGateway(store, context.clock, of)));
      const nats = await grant(store, config);
      context.log.warn({ ...of, revokedAt }, 'gateway.revoked');
      await context.out({ ...of, revokedAt, nats });
    });
  },
};

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
        .select(['nkey_next', 'revoked_at'])
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
          ...(row.nkey_next !== null && { nextNkey: row.nkey_next }),
          ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
          epoch: row.epoch,
          committed: row.committed_seq,
          state: row.state ?? 'never-seen',
        });
      }
    });
  },
};
