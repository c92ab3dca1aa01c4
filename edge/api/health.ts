import { shownDays } from '../disk/buffer-forecast.ts';
import type { GatewayStatus } from './gateway-status.ts';

/**
 * What anybody on the network may know: that it lives, and what keeps it from its work. A hub that
 * is away is no fault of the gateway, which goes on without it.
 */
export function healthOf(status: GatewayStatus) {
  const { clockDoubt, disk, feed = [], intake, journal, stuckDocumentFiles = 0, uplink } = status;
  return {
    status: stateOf(status),
    intake: {
      state: intake.hold === undefined ? 'open' : 'held',
      ...(intake.hold && { reason: intake.hold.reason, sinceMs: intake.hold.sinceMs }),
      backlog: intake.backlog,
    },
    journal: { epoch: journal.epoch, seq: journal.seq, blocked: journal.blocked },
    uplink: {
      state: uplink.state,
      backlogEvents: Math.max(0, journal.seq - uplink.committedSeq),
      ...(uplink.fault !== undefined && { fault: uplink.fault, reason: uplink.reason }),
    },
    disk: {
      freeBytes: disk.freeBytes,
      roomBytes: disk.roomBytes,
      roomForDays: shownDays(disk.roomForDays),
    },
    ...(clockDoubt !== undefined && {
      clock: { ...clockDoubt, behindMs: Math.round(status.clockAheadMs) },
    }),
    ...(feed.length > 0 && {
      feed: feed.map(({ target, state, lagEvents }) => ({ target, state, lagEvents })),
    }),
    ...(stuckDocumentFiles > 0 && { stuckDocumentFiles }),
  };
}

function stateOf({ intake, journal, uplink }: GatewayStatus): 'ok' | 'held' | 'degraded' {
  if (intake.hold !== undefined) return 'held';
  return journal.blocked || uplink.state === 'halted' ? 'degraded' : 'ok';
}
