import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';

/** Who a gateway is, as its config names it. */
export function addressOf({ tenant, site, id }: GatewayConfig['gateway']): GatewayAddress {
  return {
    tenant: parseTenantId(tenant),
    site: parseSiteId(site),
    gateway: parseGatewayId(id),
  };
}
