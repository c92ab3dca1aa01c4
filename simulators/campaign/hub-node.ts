import type { Logger } from 'pino';
import { parseTenantId } from '#contracts/ids.ts';
import { addressOf, type GatewayAddress } from '#contracts/subjects.ts';
import { BatchApplier } from '../../hub/intake/batch-applier.ts';
import { GroupWorker, newUpQueue } from '../../hub/intake/group-worker.ts';
import { HelloResponder } from '../../hub/intake/hello-responder.ts';
import { LaneBook } from '../../hub/intake/lane-book.ts';
import type { GatewayKeys } from '../../hub/intake/lane-store.ts';
import { Receipts } from '../../hub/intake/receipts.ts';
import { StuckLanes } from '../../hub/intake/stuck-lanes.ts';
import type { MountedDisk } from './fake-disk.ts';
import { FakeLaneStore } from './fake-lane-store.ts';
import type { FakeNats } from './fake-nats.ts';
import { fakeKeyId, fakeSignature, parseFakeKey } from './fake-signatures.ts';
import type { FakeWire, Link } from './fake-wire.ts';
import type { MachineTime } from './virtual-time.ts';

export interface HubParts {
  readonly publicKey: string;
  readonly gateways: readonly (GatewayKeys & { readonly address: GatewayAddress })[];
  readonly disk: MountedDisk;
  readonly time: MachineTime;
  readonly link: Link;
  readonly nats: FakeNats;
  readonly log: Logger;
  /** Told what a receipt says when it is signed. */
  readonly signed: (gateway: string, text: string) => void;
  /** Only a new process may go on. */
  readonly fatal: (error: unknown) => void;
}

const retryMs = 500;
const purgeEveryMs = 2_000;

/** The hub's process between two starts, as far as it takes in what gateways send. */
export class HubProcess {
  readonly store: FakeLaneStore;
  readonly book: LaneBook;
  readonly #parts: HubParts;
  readonly #receipts: Receipts;
  readonly #hello: HelloResponder;
  readonly #worker: GroupWorker;
  readonly #isAlive: () => boolean;

  constructor(parts: HubParts) {
    this.#parts = parts;
    const { disk, gateways, log, nats, publicKey, time } = parts;
    this.#isAlive = time.alive;
    const tenant = parseTenantId('main');
    this.store = new FakeLaneStore(disk, gateways);
    this.book = new LaneBook(this.store, parseFakeKey);
    const { book } = this;
    this.#receipts = new Receipts({
      book,
      clock: time,
      timers: time,
      key: {
        publicKey,
        keyId: fakeKeyId(publicKey),
        sign: (text) => fakeSignature(publicKey, text),
      },
      draining: () => 1,
      publish: (subject, text) => this.#publish(nats, addressOf(subject).gateway, text),
    });
    this.#hello = new HelloResponder({ book, receipts: this.#receipts, clock: time, log });
    const stuck = new StuckLanes({ book, changes: { emit: () => {} }, clock: time, log });
    this.#worker = new GroupWorker({
      applier: new BatchApplier({ book, tenant, clock: time, unpack: (data) => Buffer.from(data) }),
      stuck,
      applied: ({ answers }) => {
        for (const [gateway, answer] of answers) {
          const address = this.#addressOf(gateway);
          if (address === undefined) continue;
          if (answer === 'replay') this.#receipts.askReplay(address);
          else this.#receipts.push(address);
        }
      },
    });
  }

  async start(): Promise<void> {
    await this.book.load();
    this.#connect();
  }

  #addressOf(gateway: string): GatewayAddress | undefined {
    return this.#parts.gateways.find((one) => one.gateway === gateway)?.address;
  }

  #publish(nats: FakeNats, gateway: string, text: string): void {
    if (!this.#isAlive()) return;
    this.#parts.signed(gateway, text);
    this.#wire?.toServer(() => nats.publishReceipt(gateway, text));
  }

  /** What a process still wants to say when it is dead, nobody hears. */
  #send(wire: FakeWire, deliver: () => void): void {
    if (this.#isAlive()) wire.toServer(deliver);
  }

  #wire: FakeWire | undefined;

  #connect(): void {
    const { link, nats, time } = this.#parts;
    const wire = nats.connect('hub', link);
    if (wire === undefined) {
      time.after(retryMs, () => this.#connect());
      return;
    }
    this.#wire = wire;
    let endSession = () => {};
    wire.onClosed('client', () => {
      if (!this.#isAlive()) return;
      this.#wire = undefined;
      endSession();
      time.after(retryMs, () => this.#connect());
    });
    wire.toServer(() => {
      nats.respondWith(wire, (gateway, data, answer) => {
        wire.toClient(this.#heard(() => void this.#answer(wire, gateway, data, answer)));
      });
    });
    const session = () => {
      if (this.#wire !== wire) return;
      endSession = this.#session(wire, () => time.after(retryMs, session));
    };
    session();
  }

  #heard(run: () => void): () => void {
    return () => {
      if (this.#isAlive()) this.#parts.time.soon(run);
    };
  }

  async #answer(
    wire: FakeWire,
    gateway: string,
    data: Uint8Array,
    answer: (text: string) => void,
  ): Promise<void> {
    const address = this.#addressOf(gateway);
    if (address === undefined) return;
    try {
      const text = await this.#hello.answer(address, data);
      if (text === undefined || !this.#isAlive()) return;
      this.#parts.signed(gateway, text);
      wire.toServer(() => answer(text));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** As the consumer of the ordered lane: whatever goes wrong ends it, and the next begins anew. */
  #session(wire: FakeWire, over: () => void): () => void {
    const { nats } = this.#parts;
    const queue = newUpQueue();
    const end = () => queue.end();
    wire.toServer(() => {
      nats.ensureStream();
      nats.consume(wire, {
        message: (message) =>
          this.#heard(() => {
            const ack = () => this.#send(wire, () => nats.ack(message.seq));
            queue.add({ ...message, ack });
          })(),
        lost: () => wire.toClient(this.#heard(end)),
      });
    });
    void this.#consume(queue, wire).then(
      () => this.#isAlive() && over(),
      (error: unknown) => {
        if (!this.#isAlive()) return;
        this.#failed(error);
        over();
      },
    );
    return end;
  }

  async #consume(queue: ReturnType<typeof newUpQueue>, wire: FakeWire): Promise<void> {
    const { nats, time } = this.#parts;
    let committed = 0;
    let purging = false;
    const purge = () => {
      committed = queue.takenUpTo;
      if (purging) return;
      purging = true;
      time.after(purgeEveryMs, () => {
        purging = false;
        this.#send(wire, () => nats.purgeUpTo(committed));
      });
    };
    for (let group = await queue.take(); group.length > 0; group = await queue.take()) {
      await this.#worker.take(group, purge);
      await new Promise<void>((resolve) => void time.soon(resolve));
    }
  }

  /** A full disk is tried again; after any other trouble of the store a new process goes on. */
  #failed(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'STORE_FULL') this.#parts.fatal(error);
  }
}
