import type { FaultCode } from '#contracts/fault-codes.ts';
import type { Receipt } from '#contracts/uplink.ts';
import { maxBatchEvents } from '#contracts/uplink.ts';

/** The vocabulary of the ordered lane: what `uplink-machine.ts` remembers, hears and asks for. */

export interface UplinkSettings {
  readonly dialRetryMs: number;
  readonly dialRetryMaxMs: number;
  /** No receipt this long after a hello: say hello again. */
  readonly helloTimeoutMs: number;
  readonly helloRetryMs: number;
  readonly helloRetryMaxMs: number;
  /** Hub quiet for this long: say hello, so that silence is noticed and new credit is learnt. */
  readonly keepAliveMs: number;
  /** While halted, how often to ask whether an operator has mended it. */
  readonly haltedHelloMs: number;
  /** Connection gone, or a question unanswered, for this long: the link counts as lost. */
  readonly lostAfterMs: number;
  /** Fewer events than `fullEnough` wait this long for more, so that a trickle is not one message an event. */
  readonly lingerMs: number;
  readonly fullEnough: number;
  readonly maxBatchEvents: number;
  /** Published batches whose PubAck is still out. */
  readonly maxOutstanding: number;
  readonly sendRetryMs: number;
  readonly sendRetryMaxMs: number;
  /** Things are under way and `committed` stands still for this long: ask, and send again. */
  readonly stallMs: number;
  readonly stallMaxMs: number;
  /** A repeated request to replay from the same place is only heeded again after this long. */
  readonly replayHoldMs: number;
  /** A backlog beyond this is shown as draining. */
  readonly drainingEvents: number;
}

export const defaultUplinkSettings: UplinkSettings = {
  dialRetryMs: 250,
  dialRetryMaxMs: 5_000,
  helloTimeoutMs: 3_000,
  helloRetryMs: 500,
  helloRetryMaxMs: 1_500,
  keepAliveMs: 2_000,
  haltedHelloMs: 10_000,
  lostAfterMs: 3_000,
  lingerMs: 50,
  fullEnough: 100,
  maxBatchEvents,
  maxOutstanding: 8,
  sendRetryMs: 250,
  sendRetryMaxMs: 15_000,
  stallMs: 10_000,
  stallMaxMs: 60_000,
  replayHoldMs: 5_000,
  drainingEvents: 5_000,
};

/** One look at clock and chance, taken by the driver for every step. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
  /** In [0, 1). */
  readonly random: number;
}

export type UplinkInput =
  /** A deadline that the machine asked for may have come. */
  | { readonly type: 'wake' }
  | { readonly type: 'connected' }
  | { readonly type: 'dial-failed'; readonly reason: string }
  | { readonly type: 'disconnected'; readonly reason: string }
  | { readonly type: 'journal-grew'; readonly headSeq: number }
  /** The hello came back unanswered, or with an answer that is not to be trusted. */
  | { readonly type: 'hello-failed'; readonly reason: string }
  /**
   * A receipt for this gateway with a good signature. `ownHash` is this journal's hash at
   * `committed`, undefined where it has no such event; `reply` tells an answer from a push.
   */
  | {
      readonly type: 'receipt';
      readonly receipt: Receipt;
      readonly ownHash: string | undefined;
      readonly reply: boolean;
    }
  /** The batch asked for is on the wire; comes at once after the effect `send`. */
  | { readonly type: 'batch-sent'; readonly firstSeq: number; readonly lastSeq: number }
  | { readonly type: 'send-failed'; readonly reason: string }
  /** The rest of the gateway had its turn since the last batch. */
  | { readonly type: 'ready' }
  | {
      readonly type: 'pub-acked';
      readonly flight: number;
      readonly lastSeq: number;
      /** The stream knew the message id already and stored nothing. */
      readonly duplicate: boolean;
    }
  | {
      readonly type: 'pub-failed';
      readonly flight: number;
      readonly lastSeq: number;
      readonly reason: string;
    };

export type RewindReason =
  | 'greeted'
  | 'resumed'
  | 'replay-asked'
  | 'hub-went-back'
  | 'stalled'
  | 'publish-failed';

export type UplinkEffect =
  | { readonly type: 'dial' }
  /** Request a receipt with the journal's head, which is at `headSeq` or beyond. */
  | { readonly type: 'hello'; readonly headSeq: number }
  /** Read at most `maxEvents` after `afterSeq` and publish them; answer `batch-sent`, then `ready`. */
  | {
      readonly type: 'send';
      readonly afterSeq: number;
      readonly maxEvents: number;
      readonly flight: number;
      /** Part of the message id from 1 on: the stream must not take this for what it already had. */
      readonly round: number;
    }
  | {
      readonly type: 'link-changed';
      readonly live: boolean;
      readonly committedSeq: number;
      readonly keptEvents: number;
      /** Since when the link is, or was, away, where that is known. */
      readonly sinceMs?: number;
    }
  | { readonly type: 'halted'; readonly reason: string }
  | { readonly type: 'resumed' }
  | { readonly type: 'rewound'; readonly afterSeq: number; readonly reason: RewindReason }
  | { readonly type: 'blocked'; readonly reason: string };

export interface UplinkState {
  readonly settings: UplinkSettings;
  readonly epoch: number;
  readonly headSeq: number;

  readonly link: 'down' | 'dialling' | 'up';
  readonly dialAtMs: number;
  readonly dialFailures: number;

  /** The hub answered a hello on this connection: until then nothing is sent. */
  readonly greeted: boolean;
  readonly helloAtMs: number;
  readonly helloPending: boolean;
  readonly helloFailures: number;
  /**
   * The head that the waiting hello names. Nothing beyond it is sent meanwhile: a batch may reach
   * the hub before the hello, which would then look like a journal that was set back.
   */
  readonly helloHeadSeq: number;
  /** A push came while a hello waits: an answer with a lower number is then merely late. */
  readonly heardSinceHello: boolean;

  readonly committedSeq: number;
  readonly securedSeq: number;
  readonly credit: number;
  readonly receiptNumber: number;
  readonly lastContactMs: number | undefined;

  /** What this flight put on the wire last; `committedSeq` at its start. */
  readonly sentSeq: number;
  /** Counts restarts of sending, so that answers to an earlier flight are known as such. */
  readonly flight: number;
  readonly round: number;
  readonly outstanding: readonly { readonly firstSeq: number; readonly lastSeq: number }[];
  /** A batch was handed over and `ready` has not come yet. */
  readonly sending: boolean;
  readonly lastSentAtMs: number;
  readonly retryAtMs: number;
  readonly sendFailures: number;
  readonly sawDuplicate: boolean;
  /** Infinity while nothing is under way. */
  readonly stallAtMs: number;
  readonly stalls: number;
  readonly stalled: boolean;
  readonly replayedSeq: number;
  readonly replayedAtMs: number;
  readonly drainUntilSeq: number;

  readonly halted: string | undefined;
  readonly blocked: string | undefined;
  /** Why there is no contact, as the driver last said. */
  readonly away: string | undefined;

  /** Monotonic time since when the hub owes a sign of life. */
  readonly silentSinceMs: number | undefined;
  /** What was last reported as link change. */
  readonly announced: 'nothing' | 'live' | 'lost';
  readonly lostSinceMs: number | undefined;
}

/** `committedSeq`: what the hub last said in an earlier process; on contact it is followed anew. */
export function initialUplinkState(
  epoch: number,
  headSeq: number,
  now: Moment,
  settings: UplinkSettings,
  committedSeq = 0,
): UplinkState {
  return {
    settings,
    epoch,
    headSeq,
    link: 'down',
    dialAtMs: now.monotonicMs,
    dialFailures: 0,
    greeted: false,
    helloAtMs: 0,
    helloPending: false,
    helloFailures: 0,
    helloHeadSeq: 0,
    heardSinceHello: false,
    committedSeq,
    securedSeq: 0,
    credit: 0,
    receiptNumber: 0,
    lastContactMs: undefined,
    sentSeq: committedSeq,
    flight: 0,
    round: 0,
    outstanding: [],
    sending: false,
    lastSentAtMs: -Infinity,
    retryAtMs: 0,
    sendFailures: 0,
    sawDuplicate: false,
    stallAtMs: Infinity,
    stalls: 0,
    stalled: false,
    replayedSeq: -1,
    replayedAtMs: -Infinity,
    drainUntilSeq: 0,
    halted: undefined,
    blocked: undefined,
    away: undefined,
    silentSinceMs: now.monotonicMs,
    announced: 'nothing',
    lostSinceMs: undefined,
  };
}

export interface UplinkStatus {
  readonly state: 'live' | 'draining' | 'halted' | 'away';
  readonly committedSeq: number;
  readonly securedSeq: number;
  /** To the NATS server; the hub itself may still be away. */
  readonly connected: boolean;
  readonly lastContactMs?: number;
  readonly reason?: string;
  /** Why nobody can be dialled, where that has a name. */
  readonly fault?: FaultCode;
}

export function uplinkStatus(of: UplinkState): UplinkStatus {
  const state =
    of.halted !== undefined
      ? 'halted'
      : of.link !== 'up' || !of.greeted || of.announced === 'lost'
        ? 'away'
        : of.committedSeq < of.drainUntilSeq || of.blocked !== undefined
          ? 'draining'
          : 'live';
  const reason = of.halted ?? (state === 'away' ? of.away : of.blocked);
  return {
    state,
    committedSeq: of.committedSeq,
    securedSeq: of.securedSeq,
    connected: of.link === 'up',
    ...(of.lastContactMs === undefined ? {} : { lastContactMs: of.lastContactMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}
