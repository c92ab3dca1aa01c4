import type { Receipt } from '#contracts/uplink.ts';
import type { Moment, RewindReason, UplinkEffect, UplinkState } from './uplink-state.ts';

/** What a receipt does to the lane. Pure: part of `uplink-machine.ts`. */

interface Heard {
  readonly receipt: Receipt;
  readonly ownHash: string | undefined;
  readonly reply: boolean;
}

/**
 * The gateway follows what the hub says is committed, forwards and backwards, if and only if the
 * hub names this journal's own hash at that place. Otherwise the two histories differ, and the lane
 * halts until the hub says something that fits.
 *
 * Numbers order receipts of one life of the hub. A hub restored from a backup counts from a lower
 * number, so an answer to our own question always counts, unless a push overtook it.
 */
export function hearReceipt(
  state: UplinkState,
  heard: Heard,
  now: Moment,
  effects: UplinkEffect[],
): UplinkState {
  const { receipt, reply } = heard;
  const overtaken = receipt.number < state.receiptNumber && (!reply || state.heardSinceHello);
  if (!reply && (overtaken || receipt.epoch !== state.epoch)) return state;
  const contact = hearHub(state, reply, now);
  if (overtaken) return greet(state, contact, false, effects);
  const conflict = conflictOf(state, heard);
  if (conflict !== undefined) {
    const said = receipt.state === 'halted' ? receipt.reason : undefined;
    return halt(contact, said ?? conflict, now, effects);
  }
  const adopted = adopt(state, contact, receipt, now);
  if (receipt.state === 'halted') {
    return halt(adopted, receipt.reason ?? 'the hub halted this lane', now, effects);
  }
  return resume(state, adopted, heard, now, effects);
}

function conflictOf(state: UplinkState, { receipt, ownHash }: Heard): string | undefined {
  if (receipt.epoch !== state.epoch) {
    return `the hub follows epoch ${receipt.epoch}, this journal is epoch ${state.epoch}`;
  }
  if (ownHash === undefined) {
    return `the hub holds event ${receipt.committed}, which this journal does not have`;
  }
  if (ownHash !== receipt.headHash) {
    return `event ${receipt.committed} has another hash at the hub than here`;
  }
  return undefined;
}

/** A sign of life: silence ends, the next hello can wait. */
function hearHub(state: UplinkState, reply: boolean, now: Moment): UplinkState {
  const { haltedHelloMs, keepAliveMs } = state.settings;
  const quietMs =
    state.halted === undefined ? keepAliveMs * (0.8 + 0.4 * now.random) : haltedHelloMs;
  const waiting = state.helloPending && !reply;
  return {
    ...state,
    greeted: state.greeted || reply,
    dialFailures: reply ? 0 : state.dialFailures,
    helloPending: waiting,
    helloFailures: reply ? 0 : state.helloFailures,
    helloAtMs: waiting ? state.helloAtMs : now.monotonicMs + quietMs,
    heardSinceHello: !reply,
    silentSinceMs: undefined,
    lastContactMs: now.wallMs,
    away: undefined,
  };
}

function adopt(
  state: UplinkState,
  contact: UplinkState,
  receipt: Receipt,
  now: Moment,
): UplinkState {
  const { committed, secured, credit, number } = receipt;
  const sentSeq = Math.max(state.sentSeq, committed);
  const next = {
    ...contact,
    committedSeq: committed,
    securedSeq: secured,
    credit,
    receiptNumber: number,
    sentSeq,
    outstanding: state.outstanding.filter(({ lastSeq }) => lastSeq > committed),
  };
  if (committed <= state.committedSeq) return next;
  return {
    ...next,
    stalls: 0,
    stalled: false,
    sawDuplicate: false,
    stallAtMs: sentSeq > committed ? now.monotonicMs + state.settings.stallMs : Infinity,
  };
}

/** Decides whether sending goes on where it is, or starts again behind `committed`. */
function resume(
  before: UplinkState,
  adopted: UplinkState,
  { receipt, reply }: Heard,
  now: Moment,
  effects: UplinkEffect[],
): UplinkState {
  const { committed } = receipt;
  const back = committed < before.committedSeq;
  const asked = receipt.state === 'replay' && adopted.sentSeq > committed;
  const asks = asked && isReplayDue(before, committed, now);
  const again = asks
    ? { ...adopted, replayedSeq: committed, replayedAtMs: now.monotonicMs }
    : adopted;
  if (before.halted !== undefined) {
    effects.push({ type: 'resumed' });
    const { keepAliveMs } = before.settings;
    const helloAtMs = again.helloPending ? again.helloAtMs : now.monotonicMs + keepAliveMs;
    return rewind({ ...again, halted: undefined, helloAtMs }, 'resumed', true, effects);
  }
  if (back) return rewind(again, 'hub-went-back', true, effects);
  if (reply && !before.greeted) return greet(before, again, asks, effects);
  if (asks) return rewind(again, 'replay-asked', true, effects);
  if (reply && before.stalled && committed === before.committedSeq) {
    // The stream may be slow, then the same ids keep it clean; or it knows ids of messages that it
    // no longer has, and only new ones get through.
    return rewind(again, 'stalled', before.sawDuplicate || before.stalls > 1, effects);
  }
  return again;
}

function isReplayDue(state: UplinkState, committed: number, now: Moment): boolean {
  return (
    committed !== state.replayedSeq ||
    now.monotonicMs >= state.replayedAtMs + state.settings.replayHoldMs
  );
}

/** What was under way on the connection before may or may not have arrived: send it again. */
function greet(
  before: UplinkState,
  state: UplinkState,
  freshIds: boolean,
  effects: UplinkEffect[],
): UplinkState {
  if (before.greeted || !state.greeted) return state;
  return rewind({ ...state, drainUntilSeq: state.headSeq }, 'greeted', freshIds, effects);
}

function rewind(
  state: UplinkState,
  reason: RewindReason,
  freshIds: boolean,
  effects: UplinkEffect[],
): UplinkState {
  effects.push({ type: 'rewound', afterSeq: state.committedSeq, reason });
  return {
    ...state,
    sentSeq: state.committedSeq,
    outstanding: [],
    flight: state.flight + 1,
    round: state.round + (freshIds ? 1 : 0),
    stallAtMs: Infinity,
    stalled: false,
    sawDuplicate: false,
  };
}

/** Nothing more is sent; the journal goes on, and so does the now lane. */
function halt(
  state: UplinkState,
  reason: string,
  now: Moment,
  effects: UplinkEffect[],
): UplinkState {
  if (state.halted !== reason) effects.push({ type: 'halted', reason });
  const { haltedHelloMs } = state.settings;
  return {
    ...state,
    halted: reason,
    helloAtMs: state.helloPending ? state.helloAtMs : now.monotonicMs + haltedHelloMs,
    outstanding: [],
    flight: state.flight + 1,
    stallAtMs: Infinity,
    stalled: false,
  };
}
