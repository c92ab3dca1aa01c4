import type { Store } from '../store/store.ts';
import { zonesTextOf } from './check-zone-owners.ts';
import { zonesNamedIn } from './zone-owners.ts';

/** The zones of a site, as far as the hub knows them. */
export interface SiteZones {
  readonly site: string;
  readonly zones: readonly string[];
  /** Every gateway of the site has its zones from the hub: there are no others. */
  readonly isComplete: boolean;
}

/**
 * Of all sites with a gateway: the zones that the hub gave its gateways, and those in which stock
 * was posted. What stands in a gateway's own file the hub does not know.
 */
export async function siteZones(store: Pick<Store, 'read'>): Promise<SiteZones[]> {
  const gateways = await store.read
    .selectFrom('gateway')
    .select(['site', 'gateway'])
    .where('revoked_at', 'is', null)
    .orderBy('site')
    .execute();
  const found = new Map<string, { zones: Set<string>; isComplete: boolean }>();
  for (const { gateway, site } of gateways) {
    const of = found.get(site) ?? { zones: new Set(), isComplete: true };
    found.set(site, of);
    const text = await zonesTextOf(store, gateway);
    if (text === undefined) of.isComplete = false;
    else for (const zone of zonesNamedIn(text)) of.zones.add(zone);
  }
  const open = [...found].flatMap(([site, { isComplete }]) => (isComplete ? [] : [site]));
  if (open.length > 0) {
    const posted = await store.read
      .selectFrom('stock')
      .select(['site', 'zone'])
      .where('site', 'in', open)
      .distinct()
      .execute();
    for (const { site, zone } of posted) found.get(site)?.zones.add(zone);
  }
  return [...found].map(([site, { isComplete, zones }]) => {
    return { site, zones: [...zones].sort(), isComplete };
  });
}
