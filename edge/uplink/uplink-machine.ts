import { assert, unreachable } from '#contracts/assert.ts';
import { hearReceipt } from './receipt-rules.ts';
import type { Moment, UplinkEffect, UplinkInput, UplinkState } from './uplink-state.ts';

/**
 * The ordered lane as a machine without I/O: sends the journal strictly by sequence, within the
 * hub's credit, and believes only signed receipts about what arrived. A PubAck is flow control.
 * Every step first takes in what happened, then looks at the whole state and does what is due;
 * `wakeAtMs` (monotonic, Infinity for never) is when something will be due without input.
 */
export function step(
  state: UplinkState,
  input: UplinkInput,
  now: Moment,
): { state: UplinkState; effects: readonly UplinkEffect[]; wakeAtMs: number } {
  const effects: UplinkEffect[] = [];
  const next = plan(hear(state, input, now, effects), now, effects);
  return { state: next, effects, wakeAtMs: wakeAt(next) };
}

function hear(
  state: UplinkState,
  input: UplinkInput,
  now: Moment,
  effects: UplinkEffect[],
): UplinkState {
  switch (input.type) {
    case 'wake':
      return state;
    case 'connected':
      return { ...dropFlight(state), link: 'up', helloAtMs: now.monotonicMs };
    case 'dial-failed':
    case 'disconnected':
      return hearDown(state, input.reason, now);
    case 'journal-grew':
      return hearGrowth(state, input.headSeq);
    case 'hello-failed':
      return state.helloPending ? helloFailed(state, input.reason, now) : state;
    case 'receipt':
      return hearReceipt(state, input, now, effects);
    case 'batch-sent':
      return hearSent(state, input.firstSeq, input.lastSeq, now);
    case 'send-failed':
      return block(state, input.reason, now, effects);
    case 'ready':
      return { ...state, sending: false };
    case 'pub-acked':
      return hearAcked(state, input);
    case 'pub-failed':
      return hearNotStored(state, input, now, effects);
    default:
      return unreachable(input);
  }
}

/** A connection begins and ends with nothing under way; late answers are told by their flight. */
function dropFlight(state: UplinkState): UplinkState {
  return {
    ...state,
    greeted: false,
    helloPending: false,
    helloFailures: 0,
    heardSinceHello: false,
    outstanding: [],
    flight: state.flight + 1,
    stallAtMs: Infinity,
    stalled: false,
  };
}

function hearDown(state: UplinkState, reason: string, now: Moment): UplinkState {
  const { dialRetryMs, dialRetryMaxMs } = state.settings;
  return {
    ...dropFlight(state),
    link: 'down',
    away: reason,
    dialFailures: state.dialFailures + 1,
    dialAtMs: now.monotonicMs + backOff(dialRetryMs, dialRetryMaxMs, state.dialFailures, now),
    silentSinceMs: state.silentSinceMs ?? now.monotonicMs,
  };
}

function hearGrowth(state: UplinkState, headSeq: number): UplinkState {
  if (headSeq <= state.headSeq) return state;
  const large = headSeq - state.committedSeq > state.settings.drainingEvents;
  return { ...state, headSeq, drainUntilSeq: large ? headSeq : state.drainUntilSeq };
}

function hearSent(state: UplinkState, firstSeq: number, lastSeq: number, now: Moment): UplinkState {
  assert(firstSeq === state.sentSeq + 1 && lastSeq >= firstSeq, 'a batch follows the one before');
  const { stallMs, stallMaxMs } = state.settings;
  return {
    ...state,
    sentSeq: lastSeq,
    headSeq: Math.max(state.headSeq, lastSeq),
    lastSentAtMs: now.monotonicMs,
    outstanding: [...state.outstanding, { firstSeq, lastSeq }],
    stallAtMs:
      state.stallAtMs === Infinity
        ? now.monotonicMs + Math.min(stallMs * 2 ** state.stalls, stallMaxMs)
        : state.stallAtMs,
  };
}

function hearAcked(
  state: UplinkState,
  { flight, lastSeq, duplicate }: { flight: number; lastSeq: number; duplicate: boolean },
): UplinkState {
  if (flight !== state.flight) return state;
  return {
    ...state,
    outstanding: state.outstanding.filter((batch) => batch.lastSeq !== lastSeq),
    sendFailures: 0,
    blocked: undefined,
    sawDuplicate: state.sawDuplicate || duplicate,
  };
}

/**
 * Later batches may be stored already, so everything from the first unacknowledged one goes again
 * under new ids: then the stream holds it in order, whatever stands before.
 */
function hearNotStored(
  state: UplinkState,
  { flight, lastSeq, reason }: { flight: number; lastSeq: number; reason: string },
  now: Moment,
  effects: UplinkEffect[],
): UplinkState {
  const known = state.outstanding.some((batch) => batch.lastSeq === lastSeq);
  if (flight !== state.flight || !known) return state;
  const first = Math.min(...state.outstanding.map(({ firstSeq }) => firstSeq));
  const sentSeq = Math.max(state.committedSeq, first - 1);
  effects.push({ type: 'rewound', afterSeq: sentSeq, reason: 'publish-failed' });
  const rewound = {
    ...state,
    sentSeq,
    outstanding: [],
    flight: state.flight + 1,
    round: state.round + 1,
    stallAtMs: sentSeq > state.committedSeq ? state.stallAtMs : Infinity,
  };
  return block(rewound, reason, now, effects);
}

function block(
  state: UplinkState,
  reason: string,
  now: Moment,
  effects: UplinkEffect[],
): UplinkState {
  const { sendRetryMs, sendRetryMaxMs } = state.settings;
  if (state.blocked !== reason) effects.push({ type: 'blocked', reason });
  return {
    ...state,
    blocked: reason,
    sendFailures: state.sendFailures + 1,
    retryAtMs: now.monotonicMs + backOff(sendRetryMs, sendRetryMaxMs, state.sendFailures, now),
  };
}

function helloFailed(state: UplinkState, reason: string, now: Moment): UplinkState {
  const { helloRetryMs, helloRetryMaxMs } = state.settings;
  return {
    ...state,
    away: reason,
    helloPending: false,
    helloFailures: state.helloFailures + 1,
    helloAtMs: now.monotonicMs + backOff(helloRetryMs, helloRetryMaxMs, state.helloFailures, now),
  };
}

/** Doubles from `baseMs` to `maxMs`; between half and all of it, so that gateways spread out. */
function backOff(baseMs: number, maxMs: number, failures: number, { random }: Moment): number {
  return Math.min(baseMs * 2 ** Math.min(failures, 20), maxMs) * (0.5 + random / 2);
}

function plan(state: UplinkState, now: Moment, effects: UplinkEffect[]): UplinkState {
  let next = state;
  if (next.link === 'down' && next.dialAtMs <= now.monotonicMs) {
    effects.push({ type: 'dial' });
    next = { ...next, link: 'dialling' };
  }
  if (next.link === 'up')
    next = planSend(planHello(planStall(next, now), now, effects), now, effects);
  return announce(next, now, effects);
}

function planStall(state: UplinkState, now: Moment): UplinkState {
  if (state.stallAtMs > now.monotonicMs) return state;
  return {
    ...state,
    stalled: true,
    stalls: state.stalls + 1,
    stallAtMs: now.monotonicMs + state.settings.stallMaxMs,
    helloAtMs: state.helloPending ? state.helloAtMs : now.monotonicMs,
  };
}

function planHello(state: UplinkState, now: Moment, effects: UplinkEffect[]): UplinkState {
  let next = state;
  if (next.helloPending && next.helloAtMs <= now.monotonicMs) {
    next = helloFailed(next, 'the hub does not answer', now);
  }
  if (next.helloPending || next.helloAtMs > now.monotonicMs) return next;
  effects.push({ type: 'hello', headSeq: next.headSeq });
  return {
    ...next,
    helloPending: true,
    helloHeadSeq: next.headSeq,
    helloAtMs: now.monotonicMs + next.settings.helloTimeoutMs,
    heardSinceHello: false,
    silentSinceMs: next.silentSinceMs ?? now.monotonicMs,
  };
}

function planSend(state: UplinkState, now: Moment, effects: UplinkEffect[]): UplinkState {
  const send = nextSend(state);
  if (send === undefined || send.atMs > now.monotonicMs) return state;
  const { sentSeq: afterSeq, flight, round } = state;
  effects.push({ type: 'send', afterSeq, maxEvents: send.maxEvents, flight, round });
  return { ...state, sending: true };
}

/** How many events may go next, and when; undefined while only an input can change that. */
function nextSend(state: UplinkState): { maxEvents: number; atMs: number } | undefined {
  const { settings, committedSeq, credit, headSeq, sentSeq } = state;
  if (state.link !== 'up' || !state.greeted || state.halted !== undefined) return undefined;
  if (state.sending || state.outstanding.length >= settings.maxOutstanding) return undefined;
  const endSeq = state.helloPending ? Math.min(headSeq, state.helloHeadSeq) : headSeq;
  const wanted = Math.min(endSeq - sentSeq, settings.maxBatchEvents);
  const allowed = committedSeq + credit - sentSeq;
  if (wanted <= 0 || allowed <= 0) return undefined;
  // A rest of credit is left until more comes: full batches cost the hub least.
  if (allowed < wanted && sentSeq > committedSeq) return undefined;
  const maxEvents = Math.min(wanted, allowed);
  const lingerUntilMs =
    maxEvents < settings.fullEnough ? state.lastSentAtMs + settings.lingerMs : -Infinity;
  return { maxEvents, atMs: Math.max(state.retryAtMs, lingerUntilMs) };
}

/**
 * Says when the link is lost and when it is back, each once. A hub that answers, but halts the lane,
 * is not back: nothing of what was kept can go yet.
 */
function announce(state: UplinkState, now: Moment, effects: UplinkEffect[]): UplinkState {
  const { announced, committedSeq, headSeq, lastContactMs, silentSinceMs } = state;
  const kept = { committedSeq, keptEvents: headSeq - committedSeq };
  if (announced !== 'lost' && lostAt(state) <= now.monotonicMs) {
    const sinceMs = lastContactMs === undefined ? {} : { sinceMs: lastContactMs };
    effects.push({ type: 'link-changed', live: false, ...kept, ...sinceMs });
    return { ...state, announced: 'lost', lostSinceMs: lastContactMs ?? now.wallMs };
  }
  const flows = state.greeted && state.halted === undefined;
  if (announced !== 'live' && flows && silentSinceMs === undefined) {
    const { lostSinceMs } = state;
    const sinceMs = lostSinceMs === undefined ? {} : { sinceMs: lostSinceMs };
    effects.push({ type: 'link-changed', live: true, ...kept, ...sinceMs });
    return { ...state, announced: 'live', lostSinceMs: undefined };
  }
  return state;
}

function lostAt(state: UplinkState): number {
  return state.silentSinceMs === undefined
    ? Infinity
    : state.silentSinceMs + state.settings.lostAfterMs;
}

function wakeAt(state: UplinkState): number {
  const up = state.link === 'up';
  return Math.min(
    state.link === 'down' ? state.dialAtMs : Infinity,
    up ? state.helloAtMs : Infinity,
    up ? state.stallAtMs : Infinity,
    state.announced === 'lost' ? Infinity : lostAt(state),
    nextSend(state)?.atMs ?? Infinity,
  );
}
