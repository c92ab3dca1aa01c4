import type { FloorBanner } from '#contracts/api/floor-api.ts';
import type { GatewayStatus } from '../api/gateway-status.ts';
import { roundedDays } from '../disk/buffer-forecast.ts';

/** What stands above every screen: is the hub there, what waits, how long does the room last. */
export function bannerOf(
  { clockAheadMs, disk, intake, journal, uplink, version }: GatewayStatus,
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
    room: { bytes: disk.roomBytes, days: roundedDays(disk.roomForDays) },
    clockAheadMs: Math.round(clockAheadMs),
  };
}
