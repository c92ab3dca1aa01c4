import { Fault } from '#contracts/fault.ts';
import { enrolAddressOf } from '../enrol/enrol-address.ts';
import {
  listTokens,
  makeToken,
  revokeToken,
  tokenState,
  type TokenWords,
} from '../enrol/enrolment-tokens.ts';
import { loadHubSecrets } from '../provision/hub-secrets.ts';
import type { Command, CommandOptions } from './command.ts';
import { requiredOption } from './option.ts';
import { orFault } from './or-fault.ts';
import { patiently, withStore } from './with-store.ts';

const hourMs = 3_600_000;
const maxHours = 30 * 24;
const local = /^\w+:\/\/(localhost|127\.|\[::1\]|0\.0\.0\.0)/;

export const tokenCommand: Command = {
  name: 'gateway token',
  usage: '--config FILE --site SITE --id GATEWAY [--hours N] [--replace]',
  summary: 'make a one-time token with which a new box enrols itself; it is printed only now',
  options: {
    config: { type: 'string' },
    site: { type: 'string' },
    id: { type: 'string' },
    hours: { type: 'string' },
    replace: { type: 'boolean' },
  },
  async run(context, options) {
    const [site, gateway] = [requiredOption(options, 'site'), requiredOption(options, 'id')];
    const validForMs = hoursOf(options) * hourMs;
    await withStore(context, options, async (store, config) => {
      const { key } = await loadHubSecrets(config.keysDir);
      const { hubUrls, natsServers, ca } = await enrolAddressOf(config);
      const words: TokenWords = {
        ...(ca !== undefined && { ca }),
        gateway,
        hubKey: key.publicKey,
        hubUrls: [...hubUrls],
        natsServers: [...natsServers],
        purpose: options['replace'] === true ? 'replace' : 'enrol',
        site,
        tenant: config.tenant,
      };
      const made = orFault(
        await patiently(() => makeToken(store, context.clock, words, validForMs)),
      );
      const { id, expiresAt } = made;
      const { purpose } = words;
      context.log.info({ token: id, site, gateway, purpose, expiresAt }, 'enrol.token-made');
      for (const address of [...hubUrls, ...natsServers].filter((one) => local.test(one))) {
        context.log.warn({ address, see: 'enrolment in hub.yaml' }, 'enrol.address-is-local');
      }
      await context.out({ ...made, site, gateway, purpose, hubUrls, natsServers });
    });
  },
};

/** @throws Fault BAD_INPUT for what is no number of hours up to 30 days. */
function hoursOf(options: CommandOptions): number {
  const { hours = '24' } = options;
  const value = Number(hours);
  if (Number.isInteger(value) && value >= 1 && value <= maxHours) return value;
  throw new Fault('BAD_INPUT', `--hours must be a number from 1 to ${maxHours}`);
}

export const tokenListCommand: Command = {
  name: 'gateway tokens',
  usage: '--config FILE',
  summary: 'print the tokens that were made and what became of each, one JSON line each',
  options: { config: { type: 'string' } },
  async run(context, options) {
    await withStore(context, options, async (store) => {
      for (const token of await listTokens(store)) {
        await context.out({
          id: token.id,
          site: token.site,
          gateway: token.gateway,
          purpose: token.purpose,
          state: tokenState(token, context.clock.nowMs()),
          createdAt: token.created_at,
          expiresAt: token.expires_at,
          usedAt: token.used_at,
          usedBy: token.used_nkey,
          revokedAt: token.revoked_at,
        });
      }
    });
  },
};

export const tokenRevokeCommand: Command = {
  name: 'gateway revoke-token',
  usage: '--config FILE --token ID',
  summary: 'make a token useless, by the id that "gateway tokens" shows',
  options: { config: { type: 'string' }, token: { type: 'string' } },
  async run(context, options) {
    const id = requiredOption(options, 'token');
    // Whoever pastes the token itself must not find it in a message.
    if (!/^[0-9a-f]{16}$/.test(id)) {
      throw new Fault(
        'BAD_INPUT',
        '--token takes the id that "gateway tokens" shows, 16 characters',
      );
    }
    await withStore(context, options, async (store) => {
      orFault(await patiently(() => revokeToken(store, context.clock, id)));
      context.log.warn({ token: id }, 'enrol.token-revoked');
      await context.out({ id, state: 'revoked' });
    });
  },
};
