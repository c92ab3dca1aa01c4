import type { Outage } from '#contracts/api/outages-api.ts';
import type { Store } from '../store/store.ts';

/**
 * Halts of lanes, which no journal tells of: the hub itself let nothing more in until a person had
 * decided. Those that last, and those that were ended, with who ended them and why.
 */
export async function queryLaneHalts({ read }: Pick<Store, 'read'>): Promise<Outage[]> {
  const halted = await read
    .selectFrom('lane')
    .select(['gateway', 'site', 'reason', 'updated_at as since'])
    .where('state', '=', 'halted')
    .execute();
  const released = await read
    .selectFrom('lane_release')
    .innerJoin('lane', 'lane.gateway', 'lane_release.gateway')
    .select(['lane.site', 'lane_release.gateway', 'lane_release.at', 'lane_release.by'])
    .select(['lane_release.halted_at as since', 'lane_release.halted_reason as halted'])
    .select('lane_release.reason')
    .execute();
  return [
    ...halted.map(({ gateway, reason, since, site }) => ({
      ...haltOf(gateway, site, since, reason ?? ''),
      state: 'halted' as const,
    })),
    ...released.map(({ at, by, gateway, halted: why, reason, since, site }) => ({
      ...haltOf(gateway, site, since, why),
      state: 'closed' as const,
      endedAt: at,
      release: { by, reason },
    })),
  ];
}

function haltOf(gateway: string, site: string, startedAt: number, cause: string) {
  return {
    id: `lane/${gateway}/${startedAt}`,
    site,
    gateway,
    device: null,
    type: 'lane' as const,
    startedAt,
    endedAt: null,
    reconciledAt: null,
    kept: null,
    replayed: null,
    lost: null,
    cause,
    endedBy: null,
    release: null,
  };
}
