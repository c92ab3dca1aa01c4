import type { AlertRow, DeviceRow, Fleet, GatewayRow } from '#contracts/api/fleet-api.ts';
import type { Store } from '../store/store.ts';
import { isHalted, waitingEvents, type GatewayView } from './gateway-view.ts';

/** What the store alone knows of a gateway. */
interface RecordedOfGateway {
  /** When it first introduced itself to this hub; null until it did. */
  readonly firstSeenAt: number | null;
  readonly quarantined: number;
  /** The last time another box took its place. */
  readonly replaced?: RecordedReplacement;
}

interface RecordedReplacement {
  readonly at: number;
  readonly knownUntil: number;
  /** Where the former journal ended. */
  readonly epoch: number;
  readonly openRecounts: number;
}

/** By gateway; one that is not in it was never seen, and nothing of it was put aside. */
export async function queryRecorded(store: Store): Promise<ReadonlyMap<string, RecordedOfGateway>> {
  const seen = await store.read
    .selectFrom('epoch')
    .select(({ fn }) => ['gateway', fn.min('first_seen_at').as('firstSeenAt')])
    .groupBy('gateway')
    .execute();
  const counted = await store.read
    .selectFrom('quarantine_count')
    .select(({ fn }) => ['gateway', fn.sum<number>('total').as('total')])
    .groupBy('gateway')
    .execute();
  const recorded = new Map<string, RecordedOfGateway>();
  for (const { gateway, firstSeenAt } of seen) {
    recorded.set(gateway, { firstSeenAt, quarantined: 0 });
  }
  for (const { gateway, total } of counted) {
    const firstSeenAt = recorded.get(gateway)?.firstSeenAt ?? null;
    recorded.set(gateway, { firstSeenAt, quarantined: total });
  }
  for (const [gateway, replaced] of await queryReplaced(store)) {
    const known = recorded.get(gateway) ?? { firstSeenAt: null, quarantined: 0 };
    recorded.set(gateway, { ...known, replaced });
  }
  return recorded;
}

async function queryReplaced(store: Store): Promise<Map<string, RecordedReplacement>> {
  const rows = await store.read
    .selectFrom('gateway_replacement')
    .select(['gateway', 'enrolled_at as at', 'known_until as knownUntil', 'parent_epoch as epoch'])
    .orderBy('created_at')
    .execute();
  const found = new Map<string, RecordedReplacement>();
  for (const { gateway, ...row } of rows) {
    // A recount that follows from a count names it.
    const { openRecounts } = await store.read
      .selectFrom('site_task')
      .select(({ fn }) => fn.countAll<number>().as('openRecounts'))
      .where('state', '=', 'open')
      .where('gateway', '=', gateway)
      .where('epoch', '>', row.epoch)
      .where('task', '=', 'recount')
      .where('act', 'is', null)
      .executeTakeFirstOrThrow();
    found.set(gateway, { ...row, openRecounts });
  }
  return found;
}

function replacedOf(
  lane: GatewayView['lane'],
  replaced: RecordedReplacement | undefined,
): Pick<GatewayRow, 'replaced'> {
  if (replaced === undefined) return {};
  const { at, epoch, knownUntil: uncertainFrom, openRecounts } = replaced;
  const begun = (lane?.epoch ?? 0) > epoch;
  if (begun && openRecounts === 0) return {};
  return { replaced: { at, begun, openRecounts, uncertainFrom, uncertainTo: at } };
}

/** Gateways, devices and alerts as they are known now. What nobody can know now is null. */
export function describeFleet(
  gateways: readonly GatewayView[],
  recorded: ReadonlyMap<string, RecordedOfGateway>,
  asOfMs: number,
): Fleet {
  return {
    asOfMs,
    gateways: gateways.map((view) => gatewayRow(view, recorded.get(view.gateway))),
    devices: gateways.flatMap(deviceRows),
    alerts: gateways.flatMap(alertRows),
  };
}

function gatewayRow(view: GatewayView, recorded: RecordedOfGateway | undefined): GatewayRow {
  const { site, gateway, lane, stuck, now } = view;
  const heard = now === undefined || now.silent ? undefined : now.facts.health;
  const devices = now?.devices ?? [];
  return {
    site,
    gateway,
    state: stateOf(view),
    stateReason: reasonOf(view),
    stuck: stuck ?? null,
    firstSeenAt: recorded?.firstSeenAt ?? null,
    lastHeardAt: now?.receivedAt ?? null,
    epoch: lane?.epoch ?? null,
    committedSeq: lane?.committed ?? 0,
    headSeq: heard?.headSeq ?? null,
    backlogEvents: waitingEvents(view) ?? null,
    clockSkewMs: now?.skewMs ?? null,
    readsPerMinute: heard?.readsPerMinute ?? null,
    intake: heard?.intake ?? null,
    roomBytes: heard?.roomBytes ?? null,
    quarantined: heard?.quarantined ?? null,
    quarantinedAtHub: recorded?.quarantined ?? 0,
    devices: devices.length,
    devicesSilent: devices.filter(({ health }) => health.silent).length,
    devicesUncovered: devices.filter(({ health }) => !health.covered).length,
    startedAt: now?.facts.health.startedAt ?? null,
    version: now?.facts.health.version ?? null,
    ...replacedOf(lane, recorded?.replaced),
  };
}

function reasonOf({ lane, stuck }: GatewayView): string | null {
  if (lane?.halted === true) return lane.reason ?? null;
  return stuck === undefined ? null : `the hub fails on event ${stuck.seq}: ${stuck.code}`;
}

function stateOf({ lane, stuck, now }: GatewayView): GatewayRow['state'] {
  if (isHalted({ lane, now })) return 'halted';
  if (now === undefined) return lane === undefined ? 'never-seen' : 'silent';
  if (now.silent) return 'silent';
  if (stuck !== undefined) return 'stuck';
  return now.facts.health.uplink;
}

function deviceRows({ site, gateway, now }: GatewayView): DeviceRow[] {
  return (now?.devices ?? []).map(({ factsAt, health }) => ({ site, gateway, factsAt, ...health }));
}

function alertRows({ site, gateway, now }: GatewayView): AlertRow[] {
  if (now === undefined) return [];
  const factsAt = now.receivedAt;
  return now.facts.alerts.map((alert) => ({ site, gateway, factsAt, ...alert }));
}
