import { encodeCanonical } from '#contracts/canonical.ts';
import { genesisHash } from '#contracts/chain.ts';
import { subjectOf, type GatewayAddress } from '#contracts/subjects.ts';
import type { Cancel, Clock, Timers } from '#contracts/time.ts';
import { receiptText, type Hello, type Receipt } from '#contracts/uplink.ts';
import { systemTimers } from '../system-timers.ts';
import { fairCredit } from './credit.ts';
import type { HubKey } from './hub-key.ts';
import type { LaneBook } from './lane-book.ts';
import type { Lane } from './lane-store.ts';
import { sha256Hex } from './wire-crypto.ts';

/** A gateway hears at most ten pushed receipts a second: each tells all that the ones before did. */
const spacingMs = 100;
/** What was asked for is on its way: asking again sooner would only double it. */
const replayEveryMs = 2_000;

interface Pushed {
  lastAtMs: number;
  waiting: Cancel | undefined;
  replayAskedAtMs: number;
  replayAskedFrom: number;
}

/**
 * The hub's signed word on how far each lane is committed.
 *
 * `secured` stays 0: it means a copy off this machine, and nothing here makes one yet. A gateway
 * trims only what is secured, so it keeps everything.
 */
export class Receipts {
  readonly #book: LaneBook;
  readonly #key: HubKey;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #draining: () => number;
  readonly #publish: (subject: string, text: string) => void;
  readonly #pushed = new Map<string, Pushed>();
  readonly #numbers = new Map<string, number>();

  constructor(parts: {
    book: LaneBook;
    key: HubKey;
    clock: Clock;
    timers?: Timers;
    /** How many gateways work off a backlog now. */
    draining: () => number;
    /** Core NATS; what is lost is said again with the next hello. */
    publish: (subject: string, text: string) => void;
  }) {
    this.#book = parts.book;
    this.#key = parts.key;
    this.#clock = parts.clock;
    this.#timers = parts.timers ?? systemTimers;
    this.#draining = parts.draining;
    this.#publish = parts.publish;
  }

  stop(): void {
    for (const { waiting } of this.#pushed.values()) waiting?.();
    this.#pushed.clear();
  }

  /** Pushes a receipt now, or together with others a moment later. */
  push(address: GatewayAddress): void {
    const pushed = this.#pushedTo(address.gateway);
    if (pushed.waiting !== undefined) return;
    const waitMs = pushed.lastAtMs + spacingMs - this.#clock.monotonicMs();
    if (waitMs <= 0) {
      this.#send(address, 'open');
      return;
    }
    pushed.waiting = this.#timers.after(waitMs, () => {
      pushed.waiting = undefined;
      this.#send(address, 'open');
    });
  }

  /** Asks for everything after what is committed, unless that was asked for a moment ago. */
  askReplay(address: GatewayAddress): void {
    const lane = this.#book.lane(address.gateway);
    if (lane === undefined) return;
    const pushed = this.#pushedTo(address.gateway);
    const nowMs = this.#clock.monotonicMs();
    const asked =
      pushed.replayAskedFrom === lane.committed && nowMs < pushed.replayAskedAtMs + replayEveryMs;
    if (asked) return;
    pushed.replayAskedAtMs = nowMs;
    pushed.replayAskedFrom = lane.committed;
    this.#send(address, 'replay');
  }

  /** The signed text for a lane as it stands; `reason` refuses although the lane itself is open. */
  forLane(address: GatewayAddress, lane: Lane, state: 'open' | 'replay', reason?: string): string {
    const halted = lane.halted || reason !== undefined;
    const why = reason ?? lane.reason;
    return this.#sign(address, {
      committed: lane.committed,
      credit: halted ? 0 : fairCredit(this.#draining()),
      epoch: lane.epoch,
      headHash: lane.headHash,
      number: this.#nextNumber(lane.gateway, lane.receiptNumber),
      state: halted ? 'halted' : state,
      ...(halted && why !== undefined ? { reason: why.slice(0, 200) } : {}),
    });
  }

  /** To a gateway whose journal has no lane here: nothing is committed, and why. */
  refusing(address: GatewayAddress, hello: Hello, reason: string): string {
    return this.#sign(address, {
      committed: 0,
      credit: 0,
      epoch: hello.epoch.ordinal,
      headHash: genesisHash(hello.epoch, sha256Hex),
      number: this.#nextNumber(address.gateway, 0),
      reason: reason.slice(0, 200),
      state: 'halted',
    });
  }

  #send(address: GatewayAddress, state: 'open' | 'replay'): void {
    const lane = this.#book.lane(address.gateway);
    if (lane === undefined) return;
    this.#pushedTo(address.gateway).lastAtMs = this.#clock.monotonicMs();
    this.#publish(subjectOf(address, 'receipt'), this.forLane(address, lane, state));
  }

  #sign(
    { tenant, site, gateway }: GatewayAddress,
    of: Omit<Receipt, 'atMs' | 'gateway' | 'secured' | 'site' | 'tenant'>,
  ): string {
    const atMs = this.#clock.nowMs();
    const receipt: Receipt = { ...of, atMs, gateway, secured: 0, site, tenant };
    return encodeCanonical({ receipt, signature: this.#key.sign(receiptText(receipt)) });
  }

  /** Numbers follow the clock, so that a hub restored from a backup still goes on upwards. */
  #nextNumber(gateway: string, stored: number): number {
    const last = this.#numbers.get(gateway) ?? stored;
    const number = Math.max(last + 1, this.#clock.nowMs());
    this.#numbers.set(gateway, number);
    return number;
  }

  #pushedTo(gateway: string): Pushed {
    let pushed = this.#pushed.get(gateway);
    if (pushed === undefined) {
      pushed = {
        lastAtMs: -Infinity,
        waiting: undefined,
        replayAskedAtMs: -Infinity,
        replayAskedFrom: -1,
      };
      this.#pushed.set(gateway, pushed);
    }
    return pushed;
  }
}
