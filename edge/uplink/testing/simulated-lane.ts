import type { Receipt } from '#contracts/uplink.ts';
import { step } from '../uplink-machine.ts';
import {
  defaultUplinkSettings,
  initialUplinkState,
  type UplinkEffect,
  type UplinkInput,
  type UplinkState,
} from '../uplink-state.ts';

/** Which things go wrong while faults are on; each seed mixes its own. */
export interface Faults {
  readonly cuts: boolean;
  readonly lostReceipts: boolean;
  readonly repeatedReceipts: boolean;
  readonly refusedBatches: boolean;
  readonly lostAcks: boolean;
  /** Batches vanish from the stream, which still knows their ids. */
  readonly lostBatches: boolean;
  readonly hubRestarts: boolean;
  readonly hubRestores: boolean;
  readonly smallCredit: boolean;
}

interface Batch {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/**
 * The machine with clock, wire, stream and hub simulated from one seed. Events are their sequence
 * numbers; the hash of event n is `h<n>`. What must never happen throws.
 */
export class SimulatedLane {
  state: UplinkState;
  headSeq = 0;
  hubCommitted = 0;
  readonly changes: boolean[] = [];
  readonly sends: Batch[] = [];
  #faults: Faults;
  #nowMs = 0;
  #wakeAtMs = Infinity;
  /** By time, then by when it was asked for. */
  readonly #queue: { readonly atMs: number; readonly act: () => void }[] = [];
  readonly #random: () => number;
  #connection = 0;
  #linkUp = true;
  #hubUp = true;
  #number = 0;
  #stream: Batch[] = [];
  readonly #ids = new Map<string, number>();
  #flight = -1;
  #flightSeq = 0;
  #highestSent = 0;

  constructor(random: () => number, faults: Faults) {
    this.#random = random;
    this.#faults = faults;
    this.state = initialUplinkState(1, 0, this.#moment(), defaultUplinkSettings);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Lets `ms` pass. */
  run(ms: number): void {
    this.#feed({ type: 'wake' });
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#queue[0];
      const wakes = this.#wakeAtMs < (next?.atMs ?? Infinity);
      const atMs = wakes ? this.#wakeAtMs : (next?.atMs ?? Infinity);
      if (atMs > endMs) break;
      this.#nowMs = atMs;
      if (wakes) this.#feed({ type: 'wake' });
      else this.#queue.shift()?.act();
    }
    this.#nowMs = endMs;
  }

  append(events: number): void {
    this.headSeq += events;
    this.#feed({ type: 'journal-grew', headSeq: this.headSeq });
  }

  /** One thing goes wrong, if this seed has it at all. */
  disturb(): void {
    const faults = this.#faults;
    const dice = this.#random();
    if (faults.cuts && dice < 0.4) this.#cut();
    else if (faults.lostBatches && dice < 0.6) this.#stream = [];
    else if (faults.hubRestarts && dice < 0.8) this.#restartHub();
    else if (faults.hubRestores) this.#restoreHub();
  }

  /** The link is up, and goes for so long. */
  cutFor(ms: number): void {
    this.#linkUp = false;
    const connected = this.state.link === 'up';
    this.#connection += 1;
    if (connected) this.#feed({ type: 'disconnected', reason: 'cut' });
    this.#after(ms, () => (this.#linkUp = true));
  }

  heal(): void {
    this.#faults = {
      cuts: false,
      lostReceipts: false,
      repeatedReceipts: false,
      refusedBatches: false,
      lostAcks: false,
      lostBatches: false,
      hubRestarts: false,
      hubRestores: false,
      smallCredit: false,
    };
    this.#linkUp = true;
    this.#hubUp = true;
  }

  #moment(): { monotonicMs: number; wallMs: number; random: number } {
    return { monotonicMs: this.#nowMs, wallMs: 1e12 + this.#nowMs, random: this.#random() };
  }

  #after(ms: number, act: () => void): void {
    const atMs = this.#nowMs + ms;
    const before = this.#queue.findLastIndex((planned) => planned.atMs <= atMs);
    this.#queue.splice(before + 1, 0, { atMs, act });
  }

  #delay(): number {
    return 1 + this.#random() * 40;
  }

  #chance(on: boolean, probability: number): boolean {
    return on && this.#random() < probability;
  }

  #feed(input: UplinkInput): void {
    const stepped = step(this.state, input, this.#moment());
    this.state = stepped.state;
    for (const effect of stepped.effects) this.#run(effect);
    if (stepped.wakeAtMs <= this.#nowMs)
      throw new Error('the machine asks for a time that is past');
    this.#wakeAtMs = stepped.wakeAtMs;
  }

  #run(effect: UplinkEffect): void {
    switch (effect.type) {
      case 'dial':
        this.#after(this.#delay(), () => this.#answerDial());
        break;
      case 'hello':
        this.#hello(effect.headSeq);
        break;
      case 'send':
        this.#send(effect);
        break;
      case 'link-changed':
        this.changes.push(effect.live);
        break;
      case 'halted':
        throw new Error(`the lane halted: ${effect.reason}`);
      case 'resumed':
      case 'rewound':
      case 'blocked':
        break;
      default:
        throw new Error('an unknown effect');
    }
  }

  #answerDial(): void {
    if (!this.#linkUp) return this.#feed({ type: 'dial-failed', reason: 'refused' });
    this.#connection += 1;
    this.#feed({ type: 'connected' });
  }

  /** What happens on a connection that is gone does not reach the machine. */
  #onThisConnection(ms: number, act: () => void): void {
    const connection = this.#connection;
    this.#after(ms, () => {
      if (this.#linkUp && connection === this.#connection) act();
    });
  }

  #hello(headSeq: number): void {
    const sentAtMs = this.#nowMs;
    this.#onThisConnection(this.#delay(), () => {
      if (!this.#hubUp) return this.#feed({ type: 'hello-failed', reason: 'no hub' });
      const timely = this.#nowMs - sentAtMs < this.state.settings.helloTimeoutMs;
      if (timely && headSeq < this.hubCommitted) {
        throw new Error(`a hello says ${headSeq} where the hub has ${this.hubCommitted}`);
      }
      this.#tell(this.#receipt('open'), true);
    });
  }

  #send(effect: Extract<UplinkEffect, { type: 'send' }>): void {
    const { afterSeq, flight, maxEvents, round } = effect;
    const lastSeq = Math.min(afterSeq + maxEvents, this.headSeq);
    const batch = { firstSeq: afterSeq + 1, lastSeq };
    this.#checkSend(afterSeq, lastSeq, flight);
    this.sends.push(batch);
    this.#after(0, () => this.#feed({ type: 'ready' }));
    this.#feed({ type: 'batch-sent', ...batch });
    const refused = this.#chance(this.#faults.refusedBatches, 0.1);
    const id = `${batch.firstSeq}-${lastSeq}:${round}`;
    // The wire keeps order; only the time until the server answers varies.
    this.#onThisConnection(5, () => {
      const duplicate = !refused && (this.#ids.get(id) ?? -Infinity) > this.#nowMs - 120_000;
      if (!refused && !duplicate) this.#store(batch, id);
      this.#onThisConnection(this.#delay(), () => {
        if (refused) this.#feed({ type: 'pub-failed', flight, lastSeq, reason: 'full' });
        else if (this.#chance(this.#faults.lostAcks, 0.1)) {
          this.#after(5_000, () =>
            this.#feed({ type: 'pub-failed', flight, lastSeq, reason: 'timeout' }),
          );
        } else this.#feed({ type: 'pub-acked', flight, lastSeq, duplicate });
      });
    });
  }

  #checkSend(afterSeq: number, lastSeq: number, flight: number): void {
    const { committedSeq, credit, settings } = this.state;
    if (lastSeq <= afterSeq) throw new Error('an empty batch');
    if (lastSeq - afterSeq > settings.maxBatchEvents) throw new Error('a batch too long');
    if (lastSeq > committedSeq + credit) throw new Error('sent beyond the credit');
    if (afterSeq < committedSeq) throw new Error('sent what is committed');
    const follows = afterSeq === this.#flightSeq || afterSeq === committedSeq;
    if (flight === this.#flight && !follows) throw new Error('out of order');
    if (afterSeq > Math.max(this.#highestSent, committedSeq)) throw new Error('a gap');
    this.#flight = flight;
    this.#flightSeq = lastSeq;
    this.#highestSent = Math.max(this.#highestSent, lastSeq);
  }

  #store(batch: Batch, id: string): void {
    this.#ids.set(id, this.#nowMs);
    this.#stream.push(batch);
    this.#after(20 * this.#delay(), () => this.#consume());
  }

  #consume(): void {
    if (!this.#hubUp) {
      this.#after(500, () => this.#consume());
      return;
    }
    const batch = this.#stream.shift();
    if (batch === undefined) return;
    if (this.#chance(this.#faults.lostBatches, 0.1)) return;
    const gap = batch.firstSeq > this.hubCommitted + 1;
    if (!gap) this.hubCommitted = Math.max(this.hubCommitted, batch.lastSeq);
    this.#tell(this.#receipt(gap ? 'replay' : 'open'), false);
  }

  #receipt(state: Receipt['state']): Receipt {
    this.#number += 1;
    return {
      atMs: 0,
      committed: this.hubCommitted,
      credit: this.#faults.smallCredit ? Math.floor(this.#random() * 900) : 4_000,
      epoch: 1,
      gateway: 'g',
      headHash: `h${this.hubCommitted}`,
      number: this.#number,
      secured: 0,
      site: 's',
      state,
      tenant: 't',
    };
  }

  #tell(receipt: Receipt, reply: boolean): void {
    const copies = this.#chance(this.#faults.repeatedReceipts, 0.2) && !reply ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.#chance(this.#faults.lostReceipts, 0.3)) continue;
      this.#onThisConnection(this.#delay(), () => {
        const known = receipt.committed <= this.headSeq;
        const ownHash = known ? `h${receipt.committed}` : undefined;
        this.#feed({ type: 'receipt', receipt, ownHash, reply });
      });
    }
  }

  #cut(): void {
    if (this.#linkUp) this.cutFor(this.#random() * 20_000);
  }

  #restartHub(): void {
    this.#hubUp = false;
    this.#after(this.#random() * 10_000, () => (this.#hubUp = true));
  }

  /** The store of the hub is set back; so are its numbers, and what it consumed is gone. */
  #restoreHub(): void {
    this.hubCommitted = Math.floor(this.hubCommitted * this.#random());
    this.#number = Math.floor(this.#number * this.#random());
    this.#restartHub();
  }
}
