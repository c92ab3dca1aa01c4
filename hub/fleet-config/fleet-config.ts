import type {
  ConfigPush,
  ConfigPushes,
  ConfigVersion,
  ConfigVersionText,
  FleetConfig,
  NewConfigPush,
  NewConfigVersion,
} from '#contracts/api/config-api.ts';
import type { DownlinkOutcome } from '#contracts/downlink.ts';
import type { Result } from '#contracts/fault.ts';
import { DownlinkBook } from '../downlink/downlink-book.ts';
import type { DownlinkTables } from '../downlink/downlink-tables.ts';
import type { Clock } from '#contracts/time.ts';
import type { Store } from '../store/store.ts';
import { endConfigPush, listConfigPushes, startConfigPush } from './config-pushes.ts';
import { standingOf, type GivenVersion } from './config-standing.ts';
import { addConfigVersion, listConfigVersions, readConfigVersion } from './config-versions.ts';
import type { FleetConfigTables } from './fleet-config-tables.ts';
import type { PushRunner } from './push-runner.ts';

/** Entries of a log among which the version in force is looked for. */
const lookedBack = 100;

/** What people do with configurations, in the hub or by a command beside it. */
export interface FleetConfigService {
  /** @returns refusal CONFIG_INVALID. */
  add(of: NewConfigVersion & { readonly author: string }): Promise<Result<ConfigVersion>>;
  versions(): Promise<ConfigVersion[]>;
  /** @returns refusal NOT_FOUND. */
  version(version: number): Promise<Result<ConfigVersionText>>;
  /** @returns refusal NOT_FOUND, CONFLICT or CONFIG_INVALID; else the number of the push. */
  push(of: NewConfigPush & { readonly author: string }): Promise<Result<number>>;
  pushes(): Promise<ConfigPushes>;
  /** Further waves are not begun; who has it keeps it. @returns refusal NOT_FOUND or CONFLICT. */
  cancel(push: number, author: string): Promise<Result<void>>;
  /** Where every gateway stands. */
  fleet(): Promise<FleetConfig>;
}

export function createFleetConfig(
  store: Store,
  clock: Clock,
  runner?: Pick<PushRunner, 'look' | 'waitsFor'>,
): FleetConfigService {
  return {
    add: (of) => addConfigVersion(store, clock, of),
    versions: () => listConfigVersions(store),
    version: (version) => readConfigVersion(store, version),
    async push(of) {
      const started = await startConfigPush(store, clock, of);
      runner?.look();
      return started;
    },
    async pushes() {
      const pushes = await listConfigPushes(store);
      return { asOfMs: clock.nowMs(), pushes: pushes.map((one) => withWait(one, runner)) };
    },
    cancel: (push, author) =>
      endConfigPush(store, clock, { push, state: 'cancelled', reason: `cancelled by ${author}` }),
    fleet: () => fleetOf(store, clock),
  };
}

function withWait(push: ConfigPush, runner?: Pick<PushRunner, 'waitsFor'>): ConfigPush {
  const wait = push.state === 'running' ? runner?.waitsFor(push.push) : undefined;
  return wait === undefined ? push : { ...push, reason: `waits for ${wait}` };
}

async function fleetOf(store: Store, clock: Clock): Promise<FleetConfig> {
  const gateways = await store.read
    .selectFrom('gateway')
    .select(['site', 'gateway'])
    .where('revoked_at', 'is', null)
    .orderBy('site')
    .orderBy('gateway')
    .execute();
  const states = await new DownlinkBook(store).states();
  const given = await givenVersions(store);
  return {
    asOfMs: clock.nowMs(),
    gateways: gateways.map((one) =>
      standingOf(one, given.get(one.gateway) ?? [], states.get(one.gateway)),
    ),
  };
}

/** By gateway, newest first. */
async function givenVersions(store: Store): Promise<Map<string, GivenVersion[]>> {
  const rows = await store.read
    .withTables<FleetConfigTables & DownlinkTables>()
    .selectFrom('config_push_gateway')
    .innerJoin('config_push', 'config_push.push', 'config_push_gateway.push')
    .innerJoin('downlink_entry', (join) =>
      join
        .onRef('downlink_entry.gateway', '=', 'config_push_gateway.gateway')
        .onRef('downlink_entry.seq', '=', 'config_push_gateway.seq'),
    )
    .innerJoin('downlink_gateway', 'downlink_gateway.gateway', 'downlink_entry.gateway')
    .select(['config_push_gateway.gateway as gateway', 'version', 'outcome'])
    .where((of) =>
      of('config_push_gateway.seq', '>', of('downlink_gateway.latest', '-', lookedBack)),
    )
    .orderBy('config_push_gateway.seq', 'desc')
    .execute();
  const given = new Map<string, GivenVersion[]>();
  for (const { gateway, outcome, version } of rows) {
    const list = given.get(gateway) ?? [];
    const read = outcome === null ? undefined : (JSON.parse(outcome) as DownlinkOutcome);
    list.push({ version, outcome: read });
    given.set(gateway, list);
  }
  return given;
}
