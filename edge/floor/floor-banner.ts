import type { FloorBanner } from '#contracts/api/floor-banner-api.ts';
import type { GatewayStatus } from '../api/gateway-status.ts';
import { shownDays } from '../disk/buffer-forecast.ts';
import type { OverrideView } from '../downlink/local-override.ts';

/** What stands above every screen: is the hub there, what waits, how long does the room last. */
export function bannerOf(
  { clockAheadMs, clockDoubt, disk, intake, journal, uplink, version }: GatewayStatus,
  override: OverrideView | undefined,
  nowMs: number,
): FloorBanner {
  const { reason = null, lostAtMs = null, state } = uplink;
  const isAway = state === 'away' || state === 'halted';
  return {
    asOfMs: nowMs,
    version,
    hub: { state, sinceMs: isAway ? lostAtMs : null, reason },
    queuedEvents: Math.max(0, journal.seq - uplink.committedSeq),
    backlogEntries: Math.max(0, intake.backlog),
    intake: {
      state: intake.hold === undefined ? 'open' : 'held',
      reason: intake.hold?.reason ?? null,
      sinceMs: intake.hold?.sinceMs ?? null,
    },
    journal: journal.blocked ? 'blocked' : 'open',
    override: override === undefined ? null : shownOverride(override),
    room: { bytes: disk.roomBytes, days: shownDays(disk.roomForDays) },
    clockAheadMs: Math.round(clockAheadMs),
    ...(clockDoubt !== undefined && { clockDoubt }),
  };
}

function shownOverride({ by, deferred, reason, sinceMs, untilMs }: OverrideView) {
  return { by, deferred, reason, sinceMs, untilMs };
}
