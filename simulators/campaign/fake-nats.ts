import type { Random } from '../prng.ts';
import { FakeWire, type Link } from './fake-wire.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A message that the stream holds. */
export interface StreamMessage {
  readonly seq: number;
  readonly subject: string;
  readonly data: Uint8Array;
}

interface StoredMessage extends StreamMessage {
  readonly id: string;
  readonly atMs: number;
}

/** What the hub's consumer hears. */
export interface ConsumerEnd {
  message(message: StreamMessage): void;
  /** The stream is gone, or the server forgot the consumer. */
  lost(): void;
}

interface Subscriber {
  readonly gateway: string;
  readonly hear: (text: string) => void;
}

/** Who answers hellos. */
export type Responder = (gateway: string, data: Uint8Array, answer: (text: string) => void) => void;

export interface NatsSettings {
  /** Repeats of a message id are dropped for this long. */
  readonly dedupMs: number;
  /** Messages that the stream holds of one subject; more are refused. */
  readonly mostOfSubject: number;
  /** How often what is stored is synced: until then a power cut takes it. */
  readonly syncEveryMs: number;
  /** Chance that a delivery is repeated though it arrived, now or a while later. */
  readonly repeats: number;
}

const ackWaitMs = 120_000;
const mostUnconfirmed = 128;

/**
 * A NATS server with one stream and one consumer, as far as gateways and hub lean on it: it
 * acknowledges before it syncs, forgets ids after a window, repeats what is not acknowledged, and
 * after a power cut counts on from where its disk was.
 */
export class FakeNats {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #settings: NatsSettings;
  /** By who connected. */
  readonly #wires = new Map<FakeWire, string>();
  /** Who hears receipts, of which gateway. */
  readonly #receipts = new Map<FakeWire, Subscriber>();
  #responder: Responder | undefined;
  #consumer: Consumer | undefined;
  #stream: StoredMessage[] = [];
  /** Also of messages that were purged; after a restart only of those that are stored. */
  #ids = new Map<string, number>();
  #hasStream = false;
  #lastSeq = 0;
  #synced = { lastSeq: 0, hasStream: false };
  #isUp = true;

  constructor(time: VirtualTime, random: Random, settings: NatsSettings) {
    this.#time = time;
    this.#random = random;
    this.#settings = settings;
    this.#syncLater();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get kept(): number {
    return this.#stream.length;
  }

  /** @returns undefined while the server is down. */
  connect(who: string, link: Link): FakeWire | undefined {
    if (!this.#isUp) return undefined;
    const wire = new FakeWire(this.#time, this.#random, link);
    this.#wires.set(wire, who);
    return wire;
  }

  /** The process that connected is gone, and its kernel says so. */
  reset(who: string): void {
    for (const [wire, owner] of this.#wires) {
      if (owner !== who) continue;
      wire.break('reset');
      this.#wires.delete(wire);
    }
  }

  kill(): void {
    this.#isUp = false;
    for (const wire of this.#wires.keys()) wire.break('the server is gone');
    this.#wires.clear();
    this.#receipts.clear();
    this.#responder = undefined;
    this.#consumer = undefined;
  }

  start(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    this.#ids = new Map(this.#stream.map(({ id, atMs }) => [id, atMs]));
  }

  /** As `kill`; what was not synced is gone, and its sequence numbers are given out again. */
  cutPower(): void {
    this.kill();
    const { lastSeq, hasStream } = this.#synced;
    this.#stream = hasStream ? this.#stream.filter(({ seq }) => seq <= lastSeq) : [];
    this.#hasStream = hasStream;
    this.#lastSeq = lastSeq;
  }

  /** Somebody deletes everything that it stores. */
  wipe(): void {
    this.#stream = [];
    this.#ids = new Map();
    this.#hasStream = false;
    this.#lastSeq = 0;
    this.#synced = { lastSeq: 0, hasStream: false };
    this.#consumer?.end.lost();
    this.#consumer = undefined;
  }

  subscribeReceipts(gateway: string, wire: FakeWire, hear: (text: string) => void): void {
    this.#receipts.set(wire, { gateway, hear });
  }

  /** Core NATS: nobody there, nobody hears it. */
  publishReceipt(gateway: string, text: string): void {
    for (const [wire, subscriber] of this.#receipts) {
      if (!wire.isOpen) this.#receipts.delete(wire);
      else if (subscriber.gateway === gateway) wire.toClient(() => subscriber.hear(text));
    }
  }

  /** For as long as the connection stands. */
  respondWith(wire: FakeWire, responder: Responder): void {
    this.#responder = responder;
    wire.onClosed('server', () => {
      if (this.#responder === responder) this.#responder = undefined;
      if (this.#consumer?.wire === wire) this.#consumer = undefined;
    });
  }

  /** @returns whether anybody is there to answer. */
  request(gateway: string, data: Uint8Array, answer: (text: string) => void): boolean {
    if (this.#responder === undefined) return false;
    this.#responder(gateway, data, answer);
    return true;
  }

  /** @returns why it was not stored, or whether it was there already. */
  store(subject: string, data: Uint8Array, id: string): string | { readonly duplicate: boolean } {
    if (!this.#hasStream) return 'there is no stream for this tenant';
    const { dedupMs, mostOfSubject } = this.#settings;
    const knownMs = this.#ids.get(id) ?? -Infinity;
    if (knownMs >= this.#time.nowMs - dedupMs) return { duplicate: true };
    const kept = this.#stream.filter((one) => one.subject === subject).length;
    if (kept >= mostOfSubject) return 'the stream is full: the hub has to commit and purge first';
    this.#lastSeq += 1;
    const message = { seq: this.#lastSeq, subject, data, id, atMs: this.#time.nowMs };
    this.#stream.push(message);
    this.#ids.set(id, message.atMs);
    this.#consumer?.offer(message);
    return { duplicate: false };
  }

  ensureStream(): void {
    this.#hasStream = true;
  }

  /** A new consumer, from the oldest message on. */
  consume(wire: FakeWire, end: ConsumerEnd): void {
    const consumer = new Consumer(this.#time, this.#random, this.#settings.repeats, wire, end);
    this.#consumer = consumer;
    for (const message of this.#stream) consumer.offer(message);
  }

  ack(seq: number): void {
    this.#consumer?.acknowledge(seq);
  }

  purgeUpTo(seq: number): void {
    this.#stream = this.#stream.filter((message) => message.seq > seq);
  }

  #syncLater(): void {
    this.#time.after(this.#settings.syncEveryMs, () => {
      this.#synced = { lastSeq: this.#lastSeq, hasStream: this.#hasStream };
      this.#syncLater();
    });
  }
}

/** What one session of the consumer has out. */
class Consumer {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #repeats: number;
  readonly wire: FakeWire;
  readonly end: ConsumerEnd;
  readonly #waiting = new Map<number, StreamMessage>();
  readonly #queued: StreamMessage[] = [];

  constructor(
    time: VirtualTime,
    random: Random,
    repeats: number,
    wire: FakeWire,
    end: ConsumerEnd,
  ) {
    this.#time = time;
    this.#random = random;
    this.#repeats = repeats;
    this.wire = wire;
    this.end = end;
  }

  offer(message: StreamMessage): void {
    this.#queued.push(message);
    this.#pump();
  }

  acknowledge(seq: number): void {
    this.#waiting.delete(seq);
    this.#pump();
  }

  #pump(): void {
    while (this.#waiting.size < mostUnconfirmed) {
      const message = this.#queued.shift();
      if (message === undefined) return;
      this.#waiting.set(message.seq, message);
      this.#deliver(message);
      if (this.#random.chance(this.#repeats)) {
        this.#time.after(this.#random.below(5_000), () => this.#deliver(message));
      }
    }
  }

  #deliver(message: StreamMessage): void {
    if (!this.wire.isOpen) return;
    this.wire.toClient(() => this.end.message(message));
    this.#time.after(ackWaitMs, () => {
      if (this.#waiting.has(message.seq)) this.#deliver(message);
    });
  }
}
