import type { DownlinkOutcome } from '#contracts/downlink.ts';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { DownlinkTables } from '../downlink/downlink-tables.ts';
import type { Store } from '../store/store.ts';
import type { FleetConfigTables } from './fleet-config-tables.ts';
import { hasZones, sharedZones, type ConfigOfGateway } from './zone-owners.ts';

/** Versions that a gateway was given, among which the one that says its zones is looked for. */
const lookedBack = 20;

/**
 * Whether a text can be pushed to gateways so that every zone of a site has one owner, as far as the
 * hub gave the gateways their zones: what stands in a gateway's own file it does not know.
 *
 * @returns refusal CONFIG_INVALID with `details.faults`.
 */
export async function checkZoneOwners(
  store: Store,
  text: string,
  gateways: readonly string[],
): Promise<Result<void>> {
  if (!hasZones(text)) return succeed(undefined);
  const registered = await store.read
    .selectFrom('gateway')
    .select(['site', 'gateway'])
    .where('revoked_at', 'is', null)
    .orderBy('gateway')
    .execute();
  const sites = new Set(
    registered.filter(({ gateway }) => gateways.includes(gateway)).map(({ site }) => site),
  );
  const configs: ConfigOfGateway[] = [];
  const others: ConfigOfGateway[] = [];
  for (const { gateway, site } of registered) {
    if (!sites.has(site)) continue;
    if (gateways.includes(gateway)) configs.push({ site, gateway, text });
    else {
      const known = await zonesTextOf(store, gateway);
      if (known !== undefined) others.push({ site, gateway, text: known });
    }
  }
  const faults = sharedZones([...configs, ...others])
    .filter((shared) => shared.gateways.some((one) => gateways.includes(one)))
    .map(({ column, gateways: owners, line, path, site, zone }) => ({
      path,
      ...(line !== undefined && { line, column }),
      message: `zone ${zone} of site ${site} would be owned by ${owners.join(' and ')}`,
      remedy: `Write gateway: ${owners[0]} (or the other) at the zone, in what each of them gets.`,
    }));
  const [first] = faults;
  if (first === undefined) return succeed(undefined);
  const more = faults.length === 1 ? '' : `, and ${faults.length - 1} more`;
  const where = first.line === undefined ? '' : ` (line ${first.line})`;
  const message = `a zone has one gateway: ${first.message}${where}${more}. ${first.remedy}`;
  return refuse('CONFIG_INVALID', message, { faults });
}

/** The latest text with zones that a gateway was given and did not refuse. */
export async function zonesTextOf(
  store: Pick<Store, 'read'>,
  gateway: string,
): Promise<string | undefined> {
  const given = await store.read
    .withTables<FleetConfigTables & DownlinkTables>()
    .selectFrom('config_push_gateway')
    .innerJoin('config_push', 'config_push.push', 'config_push_gateway.push')
    .innerJoin('config_version', 'config_version.version', 'config_push.version')
    .leftJoin('downlink_entry', (join) =>
      join
        .onRef('downlink_entry.gateway', '=', 'config_push_gateway.gateway')
        .onRef('downlink_entry.seq', '=', 'config_push_gateway.seq'),
    )
    .select(['text', 'outcome'])
    .where('config_push_gateway.gateway', '=', gateway)
    // Also what a later wave of a push under way has for it.
    .where((of) =>
      of.or([of('config_push_gateway.seq', 'is not', null), of('state', '=', 'running')]),
    )
    .orderBy('config_push_gateway.push', 'desc')
    .limit(lookedBack)
    .execute();
  return given.find(({ outcome, text }) => {
    const result = outcome === null ? undefined : (JSON.parse(outcome) as DownlinkOutcome).result;
    return result !== 'refused' && result !== 'returned' && hasZones(text);
  })?.text;
}
