import type { Store } from '../store/store.ts';
import { reportOf } from '../downlink/report-of.ts';
import { zonesTextOf } from './check-zone-owners.ts';
import { zonesNamedIn } from './zone-owners.ts';

/** The zones of a site, as far as the hub knows them. */
export interface SiteZones {
  readonly site: string;
  readonly zones: readonly string[];
  /** Of every gateway of the site its zones are known: there are no others. */
  readonly isComplete: boolean;
}

/**
 * Of all sites with a gateway: the zones that gateways report as in force, whoever wrote them, those
 * that the hub gave them, and, where a gateway of an earlier version says nothing of its own file,
 * those in which stock was posted.
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
    const inForce = (await reportOf(store.read, gateway)).config?.zones;
    if (text === undefined && inForce === undefined) of.isComplete = false;
    for (const zone of inForce ?? []) of.zones.add(zone);
    if (text !== undefined) for (const zone of zonesNamedIn(text)) of.zones.add(zone);
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
