import { refuse, succeed, type Result } from '#contracts/fault.ts';
import { siteZones } from '../fleet-config/site-zones.ts';
import type { Store } from '../store/store.ts';

/**
 * Whether somebody's zones are zones of their sites, as far as the hub knows all of them: a mistyped
 * one would let them act nowhere.
 *
 * @returns refusal BAD_INPUT with `details.faults` at `/zones`.
 */
export async function checkZones(
  store: Pick<Store, 'read'>,
  sites: readonly string[],
  zones: readonly string[] | null | undefined,
): Promise<Result<void>> {
  if (zones === undefined || zones === null) return succeed(undefined);
  const all = (await siteZones(store)).filter(({ site }) => sites.includes(site));
  if (!all.every(({ isComplete }) => isComplete)) return succeed(undefined);
  const known = new Set(all.flatMap((one) => one.zones));
  const unknown = zones.find((zone) => !known.has(zone));
  if (unknown === undefined) return succeed(undefined);
  const there = known.size === 0 ? 'there are none' : `there are ${[...known].sort().join(', ')}`;
  const message = `"${unknown}" is no zone of ${sites.join(', ')}: ${there}`;
  return refuse('BAD_INPUT', message, { faults: [{ path: '/zones', message }] });
}
