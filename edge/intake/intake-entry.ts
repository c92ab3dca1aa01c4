import type { FloorAct, Lease } from '#contracts/acts.ts';
import type { SiteDocument } from '#contracts/documents.ts';
import type { EvidenceNotice } from '#contracts/evidence.ts';
import type { clockDoubts } from '#contracts/kinds/gateway-kinds.ts';
import type { gapReasons } from '#contracts/kinds/plc-kinds.ts';
import type { RestoreParent } from '#contracts/replacement.ts';
import type { BookRows } from '#contracts/site-book.ts';
import type { TransferNotice } from '#contracts/transfers.ts';
import type { DeviceFault } from '../../devices/device-fault.ts';
import type { QuarantineReason } from '../../devices/profile.ts';

/**
 * Everything that can make a gateway say something, in the order it was committed. Observers see
 * nothing else: the same entries always give the same events, to the byte. `pos` counts from 1
 * without gaps; `receivedAtMs` is the trusted clock and goes back only after `clock`.
 */
export interface IntakeEntry {
  readonly pos: number;
  readonly receivedAtMs: number;
  readonly body: IntakeBody;
}

/** Where a restored book is from. What was seen in between, nobody knows. */
export type BookOrigin = {
  readonly parent: RestoreParent;
  readonly uncertainFromMs: number;
  readonly uncertainToMs: number;
  /** SHA-256 of the book as the hub gave it. */
  readonly book: string;
};

/** Why the machine's clock is not believed. */
export type ClockDoubt = {
  readonly reason: (typeof clockDoubts)[number];
  readonly systemMs: number;
  /** Behind the time that the gateway goes on from. */
  readonly behindMs: number;
};

export type IntakeBody =
  /** A device's message; for OPC UA the channel is the tag's name. */
  | {
      readonly type: 'message';
      readonly device: string;
      readonly channel: string;
      readonly qos: number;
      readonly payload: Uint8Array;
    }
  /** A message that intake itself refused to hold whole: acknowledged, and kept in quarantine. */
  | {
      readonly type: 'refused';
      readonly device: string;
      readonly channel: string;
      readonly reason: QuarantineReason;
      readonly bytes: number;
      readonly sha256: string;
      /** The first 4 KiB. */
      readonly head: Uint8Array;
    }
  | {
      readonly type: 'connection';
      readonly device: string;
      readonly connected: boolean;
      /** Of a PLC whose session does not stand any more: up to then its samples are whole. */
      readonly sinceMs?: number;
    }
  /** When the PLC's server began its life, by trusted time. */
  | { readonly type: 'server-start'; readonly device: string; readonly startedMs: number }
  /** What keeps a device or parts of it from being read: all of it, in the place of the last. */
  | {
      readonly type: 'device-faults';
      readonly device: string;
      readonly faults: readonly DeviceFault[];
    }
  /** A person asks for something, validated against `floorAct`, with the lease it is judged by. */
  | {
      readonly type: 'act';
      readonly act: FloorAct;
      readonly lease: Lease | null;
      /** It lay on a device until its author had no rights left; this person brought it. */
      readonly broughtBy?: string;
    }
  /** A version of a document, validated against `siteDocument`. */
  | {
      readonly type: 'document';
      readonly origin: 'hub' | 'rest' | 'file';
      readonly document: SiteDocument;
    }
  /** The gateway learned that a person's rights ended at `revokedAtMs`, maybe a while ago. */
  | {
      readonly type: 'revocation';
      readonly person: string;
      readonly revokedAtMs: number;
      /** From then on the person had rights again, under a new lease. */
      readonly untilMs?: number;
    }
  /** What the hub tells of goods between this gateway and others. */
  | { readonly type: 'transfers'; readonly notices: readonly TransferNotice[] }
  /** A part of the book of the box before this one; the last part says where it is from. */
  | {
      readonly type: 'book-restored';
      readonly part: number;
      readonly parts: number;
      readonly rows: BookRows;
      readonly origin?: BookOrigin;
    }
  | {
      readonly type: 'gap';
      readonly device: string;
      readonly reason: (typeof gapReasons)[number];
      readonly channels: number;
      readonly fromMs: number;
      readonly toMs: number;
    }
  /** Time passed. Written once a second while nothing else makes time visible. */
  | { readonly type: 'tick' }
  /** A site configuration took effect; `config` is its canonical text. */
  | {
      readonly type: 'config';
      readonly origin: 'file' | 'hub';
      readonly hash: string;
      readonly config: string;
    }
  /** A configuration was to take effect and did not; the former one is in force. */
  | {
      readonly type: 'config-refused';
      readonly origin: 'file' | 'hub';
      readonly code: string;
      readonly faults: number;
      readonly text: string;
    }
  /** A local config took effect for a while, said again when it changes; or that is over. */
  | ({
      readonly type: 'config-override';
      readonly sinceMs: number;
      /** Of what is in force. */
      readonly hash: string;
    } & (
      | {
          readonly step: 'begun';
          readonly by: string;
          readonly reason: string;
          readonly untilMs: number;
        }
      | {
          readonly step: 'ended';
          readonly by?: string;
          readonly inForce: 'hub' | 'former';
          readonly outcome: 'expired' | 'ended';
        }
    ))
  /** The next signing key, named by the one that signs; both signed `keyRotationText`. */
  | {
      readonly type: 'key-rotated';
      readonly fromKey: string;
      readonly key: string;
      readonly keyId: string;
      readonly proof: string;
      readonly signature: string;
    }
  /**
   * An operator had the gateway forget a time that lay ahead: from here on time is `toMs` and later.
   * The one entry after which times go back.
   */
  | { readonly type: 'clock'; readonly fromMs: number; readonly toMs: number }
  /**
   * The machine's clock jumped, went wrong or became right. `shiftMs`: how far the gateway's own
   * time moved with it, beyond what passed since the clock was last looked at.
   */
  | {
      readonly type: 'clock-seen';
      readonly shiftMs: number;
      /** Absent: it is believed. */
      readonly doubt?: ClockDoubt;
      readonly step?: { readonly byMs: number; readonly fromMs: number; readonly toMs: number };
    }
  | {
      readonly type: 'boot';
      readonly clean: boolean;
      readonly lastAliveMs?: number;
      readonly version: string;
      /** Absent: the machine's clock is believed. */
      readonly clock?: ClockDoubt;
    }
  /** What became of raw evidence, said by whoever keeps it: kind and payload of the event. */
  | ({ readonly type: 'evidence' } & EvidenceNotice)
  | {
      readonly type: 'uplink';
      readonly live: boolean;
      readonly committedSeq: number;
      readonly keptEvents: number;
      readonly sinceMs?: number;
    }
  | {
      readonly type: 'intake';
      readonly held: boolean;
      readonly reason: 'disk-full' | 'disk-error';
      readonly sinceMs: number;
    };
