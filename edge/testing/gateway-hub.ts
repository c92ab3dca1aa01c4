import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { createIdentity, loadIdentity } from '../identity/identity.ts';
import { createNatsProcess, type NatsProcess } from '../uplink/testing/nats-process.ts';
import { SmallHub } from '../uplink/testing/small-hub.ts';
import type { GatewaySetup } from './gateway-process.ts';

/** A NATS server and a hub that the gateway's config names from now on. */
export async function startSmallHub(
  dir: string,
  setup: GatewaySetup,
): Promise<{ readonly hub: SmallHub; readonly nats: NatsProcess }> {
  const config = JSON.parse(readFileSync(setup.file, 'utf8')) as GatewayConfig;
  const keys = join(dir, 'keys');
  const files = {
    loginSeedFile: join(keys, 'login.seed'),
    signingKeyFile: join(keys, 'signing.pem'),
  };
  const { publicNkey: nkey, signingPublicKey: publicKey } = loadIdentity(files);
  const { identity } = createIdentity(join(dir, 'hub'));
  const address = {
    tenant: parseTenantId(config.gateway.tenant),
    site: parseSiteId(config.gateway.site),
    gateway: parseGatewayId(config.gateway.id),
  };
  const nats = await createNatsProcess(identity.publicNkey, [{ address, nkey }]);
  const hub = new SmallHub(nats.url, identity, { address, publicKey });
  onTestFinished(async () => {
    await hub.stop();
    await nats.end();
  });
  await nats.start();
  await hub.start();
  const named = { ...config.hub, servers: [nats.url], publicKey: identity.signingPublicKey };
  writeFileSync(setup.file, JSON.stringify({ ...config, hub: named }));
  return { hub, nats };
}
