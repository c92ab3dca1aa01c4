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
import type { Clock } from '#contracts/time.ts';
import type { JournalHead } from '../journal/journal-reader.ts';
import type { Signer } from './batch-message.ts';
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
  readonly log: Logger;
  readonly progress: () => UplinkStatus & { readonly head: JournalHead };
  readonly send: (facts: string) => void;
}

export interface NowLane {
  start(): void;
  stop(): void;
  changed(): void;
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
  const { clock, log } = options;
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let dueAtMs = 0;
  let sentAtMs = -Infinity;
  let number = 0;
  let turn = 0;

  function send(): void {
    sentAtMs = clock.monotonicMs();
    wait(periodMs);
    // A restarted gateway counts on from its clock, which never goes back: numbers keep rising.
    number = Math.max(number + 1, clock.nowMs());
    try {
      const facts = nowFactsOf(options, number, turn);
      turn += 1;
      const signature = options.identity.sign(nowFactsText(facts));
      options.send(encodeCanonical({ facts, signature }));
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'uplink.now-facts-failed');
    }
  }

  function wait(ms: number): void {
    clearTimeout(timer);
    dueAtMs = clock.monotonicMs() + ms;
    timer = setTimeout(send, ms);
  }

  return {
    start() {
      running = true;
      wait(periodMs);
    },
    stop() {
      running = false;
      clearTimeout(timer);
    },
    changed() {
      const nowMs = clock.monotonicMs();
      const atMs = Math.max(nowMs, sentAtMs + soonestMs);
      if (running && atMs < dueAtMs) wait(Math.ceil(atMs - nowMs));
    },
  };
}

/** @param turn counts messages: devices beyond the limit appear in every n-th. */
function nowFactsOf(
  {
    address,
    clock,
    facts,
    progress,
  }: Pick<NowLaneOptions, 'address' | 'clock' | 'facts' | 'progress'>,
  number: number,
  turn: number,
): NowFacts {
  const { head, state, committedSeq } = progress();
  const { health, devices, alerts } = facts();
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
