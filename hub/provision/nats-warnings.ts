import { readFile } from 'node:fs/promises';
import type { ConfigFault } from '#contracts/config-fault.ts';
import { parseTenantId } from '#contracts/ids.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { hubRights, isOurs } from './nats-config.ts';

/**
 * Whether nats-server's configuration on disk gives the hub the rights that this version needs. A
 * start writes it anew by itself (`renewRights`), so these are no faults, unless it is not ours.
 *
 * @param hubNkey the hub's own public nkey
 */
export async function natsWarnings(
  { tenant, natsServer }: Pick<HubConfig, 'tenant' | 'natsServer'>,
  hubNkey: string,
): Promise<ConfigFault[]> {
  if (natsServer === undefined) return [];
  const value = natsServer.configFile;
  const text = await readFile(value, 'utf8').catch(() => undefined);
  if (text?.includes(hubRights(parseTenantId(tenant), hubNkey)) === true) return [];
  const message =
    text === undefined ? 'is not there' : 'lacks rights that this version of the hub needs';
  const remedy =
    text === undefined || isOurs(text)
      ? 'The hub writes it anew as it starts, and so does `hub nats-config`.'
      : 'It is not of the hub, which leaves it alone: `hub nats-config` replaces it.';
  return [{ path: '/natsServer/configFile', value, message, remedy }];
}
