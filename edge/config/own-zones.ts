import type { GatewayConfig, ZoneElsewhere } from './gateway-config.ts';

type Zone = GatewayConfig['zones'][number];

/**
 * The zones that this gateway posts in. One gateway owns a zone, so that stock in it has one book;
 * the others of the site know it by name.
 */
export function ownZones({ gateway, zones }: Pick<GatewayConfig, 'gateway' | 'zones'>): Zone[] {
  return zones.filter((zone) => zone.gateway === undefined || zone.gateway === gateway.id);
}

/** The zones of other gateways that goods can be sent to, of this site or another. */
export function zonesElsewhere({
  gateway,
  zones,
}: Pick<GatewayConfig, 'gateway' | 'zones'>): ZoneElsewhere[] {
  return zones.flatMap(({ gateway: owner, id, site }) => {
    if (owner === undefined || owner === gateway.id) return [];
    const other = site === undefined || site === gateway.site ? {} : { site };
    return [{ gateway: owner, id, ...other }];
  });
}
