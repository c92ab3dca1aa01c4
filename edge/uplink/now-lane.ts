import type { Logger } from 'pino';
import { encodeCanonical } from '#contracts/canonical.ts';
import { messageOf } from '#contracts/fault.ts';
import {
  nowFactsText,
  type AlertFact,
  type DeviceHealth,
  type NowFacts,
} from '#contracts/now-lane.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { Cancel, Clock, Timers } from '#contracts/time.ts';
import type { JournalHead } from '../journal/journal-reader.ts';
import { systemTimers } from '../system-timers.ts';
import type { Signer } from './batch-message.ts';
import { RepeatLog } from './repeat-log.ts';
import type { UplinkStatus } from './uplink-state.ts';

/** What the rest of the gateway says about now; the uplink adds how far the journal has come. */
export interface CurrentFacts {
  readonly health: Omit<
    NowFacts['health'],
    'backlogEvents' | 'committedSeq' | 'headSeq' | 'uplink'
  >;
  readonly devices: readonly DeviceHealth[];
  /** Open ones, and those that closed a short while ago. */
  readonly alerts: readonly AlertFact[];
}
export type FactsSource = () => CurrentFacts;

export interface NowLaneOptions {
  readonly address: GatewayAddress;
  readonly identity: Signer;
  readonly facts: FactsSource;
  readonly clock: Clock;
  readonly timers?: Timers;
  readonly log: Logger;
  readonly progress: () => UplinkStatus & { readonly head: JournalHead };
  readonly send: (facts: string) => void;
}

export interface NowLane {
  start(): void;
  stop(): void;
  /** Sends as soon as may be. */
  changed(): void;
  /** Sends if there is something that somebody may have to act on. */
  look(): void;
}

const periodMs = 1_000;
const soonestMs = 250;
/** As the contract limits them: more devices than this take turns. */
const mostAtOnce = 500;

/**
 * Signed current facts, every second and at once on a change, beside the ordered lane: however long
 * the backlog, the hub sees this gateway's present. Sent by core NATS, kept by nobody.
 */
export function createNowLane(options: NowLaneOptions): NowLane {
  const { clock, timers = systemTimers } = options;
  const repeated = new RepeatLog(options.log, clock);
  let sending: Cancel | undefined;
  let running = false;
  let dueAtMs = 0;
  let sentAtMs = -Infinity;
  let number = 0;
  let turn = 0;
  let told = '';

  function send(): void {
    sentAtMs = clock.monotonicMs();
    wait(periodMs);
    // A restarted gateway counts on from its clock, which never goes back: numbers keep rising.
    number = Math.max(number + 1, clock.nowMs());
    try {
      const current = options.facts();
      told = urgentOf(current);
      const facts = nowFactsOf(options, current, number, turn);
      turn += 1;
      const signature = options.identity.sign(nowFactsText(facts));
      options.send(encodeCanonical({ facts, signature }));
      repeated.settle();
    } catch (error) {
      repeated.say('error', 'uplink.now-facts-failed', messageOf(error));
    }
  }

  function wait(ms: number): void {
    sending?.();
    dueAtMs = clock.monotonicMs() + ms;
    sending = timers.after(ms, send);
  }

  function changed(): void {
    const nowMs = clock.monotonicMs();
    const atMs = Math.max(nowMs, sentAtMs + soonestMs);
    if (running && atMs < dueAtMs) wait(Math.ceil(atMs - nowMs));
  }

  const looks = spaced({ clock, timers }, () => {
    if (urgentOf(options.facts()) !== told) changed();
  });

  return {
    start() {
      running = true;
      wait(periodMs);
    },
    stop() {
      running = false;
      sending?.();
      looks.stop();
    },
    changed,
    look() {
      if (running) looks.ask();
    },
  };
}

/** Acts in a turn of its own, at most every `soonestMs`, however often it is asked to. */
function spaced(
  { clock, timers }: Readonly<Required<Pick<NowLaneOptions, 'clock' | 'timers'>>>,
  act: () => void,
): { ask(): void; stop(): void } {
  let asked: Cancel | undefined;
  let actedAtMs = -Infinity;
  const run = () => {
    asked = undefined;
    actedAtMs = clock.monotonicMs();
    act();
  };
  return {
    ask() {
      const waitMs = Math.max(0, actedAtMs + soonestMs - clock.monotonicMs());
      asked ??= timers.after(Math.ceil(waitMs), run);
    },
    stop: () => asked?.(),
  };
}

/** What does not wait for the next second; counts, rates and times do. */
function urgentOf({ health, devices, alerts }: CurrentFacts): string {
  return JSON.stringify([
    health.intake,
    alerts.map(({ id, open }) => [id, open]),
    devices.map(({ device, connected, covered, silent }) => [device, connected, covered, silent]),
  ]);
}

/** @param turn counts messages: devices beyond the limit appear in every n-th. */
function nowFactsOf(
  { address, clock, progress }: Pick<NowLaneOptions, 'address' | 'clock' | 'progress'>,
  { health, devices, alerts }: CurrentFacts,
  number: number,
  turn: number,
): NowFacts {
  const { head, state, committedSeq } = progress();
  const { tenant, site, gateway } = address;
  return {
    alerts: mostPressing(alerts),
    atMs: clock.nowMs(),
    devices: takeTurns(devices, turn),
    epoch: head.epoch.ordinal,
    gateway,
    health: {
      ...health,
      backlogEvents: Math.max(0, head.seq - committedSeq),
      committedSeq,
      headSeq: head.seq,
      uplink: state === 'away' ? 'draining' : state,
    },
    number,
    seq: head.seq,
    site,
    tenant,
    v: 1,
  };
}

function takeTurns(devices: readonly DeviceHealth[], turn: number): DeviceHealth[] {
  const turns = Math.max(1, Math.ceil(devices.length / mostAtOnce));
  const from = (turn % turns) * mostAtOnce;
  return devices.slice(from, from + mostAtOnce);
}

/** Open before closed, then newest first. */
function mostPressing(alerts: readonly AlertFact[]): AlertFact[] {
  return alerts
    .toSorted((a, b) => Number(b.open) - Number(a.open) || b.openedAt - a.openedAt)
    .slice(0, mostAtOnce);
}
