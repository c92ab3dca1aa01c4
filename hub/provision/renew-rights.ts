import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import type { HubConfig } from '../config/hub-config.ts';
import type { Store } from '../store/store.ts';
import { grantRights } from './grant-rights.ts';
import { isOurs } from './nats-config.ts';
import { currentNatsConfig } from './write-nats-config.ts';

const remedy = 'run hub nats-config --config FILE as a user who may write it';

/**
 * Brings nats-server's configuration up to what this version of the hub needs and the store says,
 * where it is another: after an upgrade, after a change of hub.yaml, after a restored backup. One
 * that the hub did not write is left alone. A hub that cannot do it serves all the same, and says
 * so: what it has, it can show.
 *
 * @param hubNkey the hub's own public nkey
 */
export async function renewRights(
  store: Store,
  { tenant, natsServer }: Pick<HubConfig, 'tenant' | 'natsServer'>,
  hubNkey: string,
  log: Logger,
): Promise<void> {
  if (natsServer === undefined) return;
  const { configFile } = natsServer;
  const present = await readFile(configFile, 'utf8').catch(() => undefined);
  try {
    if (present === (await currentNatsConfig({ tenant, natsServer }, hubNkey, store.read))) return;
    if (present !== undefined && !isOurs(present)) {
      log.error({ configFile, remedy }, 'nats.config-not-ours');
      return;
    }
    const granted = await grantRights(store, { tenant, natsServer }, hubNkey);
    log.warn(granted, 'nats.config-renewed');
  } catch (error) {
    log.error({ configFile, reason: messageOf(error), remedy }, 'nats.config-not-renewed');
  }
}
