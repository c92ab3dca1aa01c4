import { mkdir } from 'node:fs/promises';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import type { HubConfig, NatsServerConfig } from '../config/hub-config.ts';
import type { Store } from '../store/store.ts';
import { natsConfigText, type NatsGateway } from './nats-config.ts';
import { writeAtomic } from './write-atomic.ts';

/**
 * Writes the rights of everybody who may connect into the configuration of nats-server. The store's
 * write lock is held meanwhile: of two commands at once, the later one writes both gateways.
 */
export async function writeNatsConfig(
  config: Pick<HubConfig, 'tenant'> & { readonly natsServer: NatsServerConfig },
  hubNkey: string,
  store: Store,
): Promise<void> {
  await mkdir(config.natsServer.storeDir, { recursive: true, mode: 0o700 });
  await store.write(async ({ db }) => {
    const text = await currentNatsConfig(config, hubNkey, db);
    await writeAtomic(config.natsServer.configFile, text);
  });
}

/** The text that the file should have now. */
export async function currentNatsConfig(
  config: Parameters<typeof writeNatsConfig>[0],
  hubNkey: string,
  db: Store['read'],
): Promise<string> {
  const rows = await db
    .selectFrom('gateway')
    .select(['site', 'gateway', 'nkey_public', 'nkey_next'])
    .where('revoked_at', 'is', null)
    .orderBy('site')
    .orderBy('gateway')
    .execute();
  return textFor(config, hubNkey, rows);
}

function textFor(
  { natsServer, tenant: tenantName }: Parameters<typeof writeNatsConfig>[0],
  hubNkey: string,
  rows: readonly { site: string; gateway: string; nkey_public: string; nkey_next: string | null }[],
): string {
  const tenant = parseTenantId(tenantName);
  const gateways = rows.flatMap((row): NatsGateway[] => {
    const [site, gateway] = [parseSiteId(row.site), parseGatewayId(row.gateway)];
    const logins = row.nkey_next === null ? [row.nkey_public] : [row.nkey_public, row.nkey_next];
    return logins.map((nkey) => ({ address: { tenant, site, gateway }, nkey }));
  });
  return natsConfigText({ ...natsServer, tenant, hubNkey, gateways });
}
