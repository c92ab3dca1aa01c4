import type { FloorSecret } from '#contracts/api/floor-secret-api.ts';
import type { FaultCode } from '#contracts/fault-codes.ts';
import type { AlertFact, DeviceHealth } from '#contracts/now-lane.ts';
import type { DiskStatus } from '../disk/disk-keeper.ts';
import type { FeedTargetStatus } from '../feed/feed-target.ts';
import type { ThrottledDevice } from '../intake/device-rates.ts';
import type { RefusedClient } from '../intake/refusal-log.ts';
import type { ObserverFacts } from '../observe/facts.ts';
import type { KeptQuarantineRow } from '../journal/quarantine-store.ts';

/** What the gateway's API may ask of the rest of it. */
export interface GatewayStatus {
  readonly version: string;
  readonly startedAtMs: number;
  readonly clockAheadMs: number;
  /** The machine's clock is not believed; absent: it is. */
  readonly clockDoubt?: ObserverFacts['clockDoubt'];
  readonly intake: {
    readonly hold: { readonly reason: string; readonly sinceMs: number } | undefined;
    readonly lastPos: number;
    readonly backlog: number;
    readonly pendingBytes: number;
    readonly keptBytes: number;
  };
  readonly journal: {
    readonly epoch: number;
    readonly seq: number;
    /** The disk has no room for the next commit. */
    readonly blocked: boolean;
    readonly roomReserved: boolean;
  };
  readonly uplink: {
    readonly state: 'live' | 'draining' | 'halted' | 'away';
    readonly committedSeq: number;
    readonly reason?: string;
    readonly fault?: FaultCode;
    /** Since when the hub is away; null: it is not, or never was there. */
    readonly lostAtMs?: number | null;
  };
  readonly disk: { readonly freeBytes: number; readonly roomBytes: number } & Partial<DiskStatus>;
  /** undefined while the keeper of raw evidence does not stand. */
  readonly evidence?:
    | { readonly coveredPos: number; readonly files: number; readonly bytes: number }
    | undefined;
  /** Absent where no warehouse system is fed. */
  readonly feed?: readonly FeedTargetStatus[];
  /** Files in the documents folder that cannot be taken; absent without such a folder. */
  readonly stuckDocumentFiles?: number;
  /** Who called and was not let in, the latest first. */
  readonly refusals?: readonly RefusedClient[];
  /** Devices that were read more slowly because they sent more than they may. */
  readonly throttled?: readonly ThrottledDevice[];
  readonly broker: { readonly connections: number } & Readonly<Record<string, number>>;
  /** Tags that were heard, never believed, and forgotten because there were too many. */
  readonly forgottenTags?: number;
  readonly devices: readonly DeviceHealth[];
  readonly alerts: readonly AlertFact[];
}

export interface StatusSource {
  status(): GatewayStatus;
  /** Where keys and secrets lie, never what is in them. */
  secrets?(): readonly FloorSecret[];
  quarantine(
    device: string | undefined,
    limit: number,
    beforeId?: number,
  ): readonly KeptQuarantineRow[];
}
