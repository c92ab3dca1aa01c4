import type { AlertRow, DeviceRow, Fleet, GatewayRow } from '#contracts/api/fleet-api.ts';
import type { Store } from '../store/store.ts';
import { waitingEvents, type GatewayView } from './gateway-view.ts';

/** When each gateway first introduced itself to this hub. */
export async function queryFirstSeen(store: Store): Promise<ReadonlyMap<string, number>> {
  const rows = await store.read
    .selectFrom('epoch')
    .select(({ fn }) => ['gateway', fn.min('first_seen_at').as('firstSeenAt')])
    .groupBy('gateway')
    .execute();
  return new Map(rows.map(({ gateway, firstSeenAt }) => [gateway, firstSeenAt]));
}

/** Gateways, devices and alerts as they are known now. What nobody can know now is null. */
export function describeFleet(
  gateways: readonly GatewayView[],
  firstSeen: ReadonlyMap<string, number>,
  asOfMs: number,
): Fleet {
  return {
    asOfMs,
    gateways: gateways.map((view) => gatewayRow(view, firstSeen.get(view.gateway))),
    devices: gateways.flatMap(deviceRows),
    alerts: gateways.flatMap(alertRows),
  };
}

function gatewayRow(view: GatewayView, firstSeenAt: number | undefined): GatewayRow {
  const { site, gateway, lane, now } = view;
  const heard = now === undefined || now.silent ? undefined : now.facts.health;
  const devices = now?.devices ?? [];
  return {
    site,
    gateway,
    state: stateOf(view),
    stateReason: lane?.halted === true ? (lane.reason ?? null) : null,
    firstSeenAt: firstSeenAt ?? null,
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
    devices: devices.length,
    devicesSilent: devices.filter(({ health }) => health.silent).length,
    devicesUncovered: devices.filter(({ health }) => !health.covered).length,
    startedAt: now?.facts.health.startedAt ?? null,
    version: now?.facts.health.version ?? null,
  };
}

function stateOf({ lane, now }: GatewayView): GatewayRow['state'] {
  if (lane?.halted === true) return 'halted';
  if (now === undefined) return lane === undefined ? 'never-seen' : 'silent';
  if (now.silent) return 'silent';
  switch (now.facts.health.uplink) {
    case 'halted':
      return 'halted';
    case 'draining':
      return 'draining';
    case 'live':
      return 'live';
  }
}

function deviceRows({ site, gateway, now }: GatewayView): DeviceRow[] {
  return (now?.devices ?? []).map(({ factsAt, health }) => ({ site, gateway, factsAt, ...health }));
}

function alertRows({ site, gateway, now }: GatewayView): AlertRow[] {
  if (now === undefined) return [];
  const factsAt = now.receivedAt;
  return now.facts.alerts.map((alert) => ({ site, gateway, factsAt, ...alert }));
}
