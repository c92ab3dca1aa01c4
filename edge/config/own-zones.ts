import type { GatewayConfig } from './gateway-config.ts';

type Zone = GatewayConfig['zones'][number];

/**
 * The zones that this gateway posts in. One gateway owns a zone, so that stock in it has one book;
 * the others of the site know it by name.
 */
export function ownZones({ gateway, zones }: Pick<GatewayConfig, 'gateway' | 'zones'>): Zone[] {
  return zones.filter((zone) => zone.gateway === undefined || zone.gateway === gateway.id);
}
