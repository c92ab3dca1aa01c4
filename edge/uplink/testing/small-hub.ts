import { zstdDecompressSync } from 'node:zlib';
import {
  AckPolicy,
  DiscardPolicy,
  jetstream,
  jetstreamManager,
  StorageType,
  type ConsumerMessages,
  type JsMsg,
} from '@nats-io/jetstream';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { decodeBatch } from '#contracts/batch-codec.ts';
import { checkpointText, eventHash, genesisHash, type Checkpoint } from '#contracts/chain.ts';
import { nowFactsText, type NowFacts, type SignedNowFacts } from '#contracts/now-lane.ts';
import { subjectOf, subjectOfAll, upStreamName, type GatewayAddress } from '#contracts/subjects.ts';
import { helloText, receiptText, type Hello, type Receipt } from '#contracts/uplink.ts';
import type { Identity } from '../../identity/identity.ts';
import { verifySignature } from '../../identity/verify-signature.ts';
import { sha256 } from './memory-journal.ts';

/**
 * The hub's half of the wire, as small as it can be: one gateway, its events in an array. It proves
 * signatures and chain of all it is given, so that a test can trust what it holds.
 */
export class SmallHub {
  /** Text of every committed event, by sequence from 1: `header\npayload`. */
  events: string[] = [];
  hashes: string[] = [];
  credit = 5_000;
  number = 0;
  state: Receipt['state'] = 'open';
  reason: string | undefined;
  answersHello = true;
  /** Receives batches and forgets them, as a hub whose store fails. */
  forgets = false;
  /** Sends no receipts of its own accord. */
  mute = false;
  /** The last event that reached it, forgotten or not. */
  highestSeen = 0;
  readonly hellos: Hello[] = [];
  readonly facts: NowFacts[] = [];
  readonly faults: string[] = [];
  readonly batchSizes: number[] = [];
  #connection: NatsConnection | undefined;
  #messages: ConsumerMessages | undefined;
  readonly #url: string;
  readonly #identity: Identity;
  readonly #gateway: { readonly address: GatewayAddress; readonly publicKey: string };

  constructor(
    url: string,
    identity: Identity,
    gateway: { readonly address: GatewayAddress; readonly publicKey: string },
  ) {
    this.#url = url;
    this.#identity = identity;
    this.#gateway = gateway;
  }

  async start({ stream = true, maxBytes = 256 * 1024 * 1024 } = {}): Promise<void> {
    const { address } = this.#gateway;
    const connection = await connect({
      servers: [this.#url],
      authenticator: this.#identity.authenticator(),
      reconnect: false,
    });
    this.#connection = connection;
    connection.subscribe(subjectOf(address, 'hello'), {
      callback: (_error, message) => this.#hearHello(message),
    });
    connection.subscribe(subjectOf(address, 'now'), {
      callback: (_error, message) => this.#hearFacts(message),
    });
    if (stream) await this.openStream(maxBytes);
  }

  async openStream(maxBytes = 256 * 1024 * 1024): Promise<void> {
    const { address } = this.#gateway;
    const connection = this.#connection;
    if (connection === undefined) throw new Error('not started');
    const name = upStreamName(address.tenant);
    const manager = await jetstreamManager(connection);
    await manager.streams.add({
      name,
      subjects: [subjectOfAll(address.tenant, 'up')],
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      max_bytes: maxBytes,
    });
    await manager.consumers.add(name, { durable_name: 'hub', ack_policy: AckPolicy.Explicit });
    const consumer = await jetstream(connection).consumers.get(name, 'hub');
    this.#messages = await consumer.consume({ callback: (message) => this.#hearBatch(message) });
  }

  async purge(): Promise<void> {
    if (this.#connection === undefined) throw new Error('not started');
    const manager = await jetstreamManager(this.#connection);
    await manager.streams.purge(upStreamName(this.#gateway.address.tenant));
  }

  async stop(): Promise<void> {
    this.#messages?.stop();
    await this.#connection?.close();
  }

  /** Back to an earlier state of the hub's store. */
  restore(committed: number): void {
    this.events.length = committed;
    this.hashes.length = committed + 1;
    this.number = 0;
  }

  pushReceipt(): void {
    const subject = subjectOf(this.#gateway.address, 'receipt');
    this.#connection?.publish(subject, this.signedReceipt());
  }

  signedReceipt(change: Partial<Receipt> = {}): string {
    const { tenant, site, gateway } = this.#gateway.address;
    this.number += 1;
    const receipt: Receipt = {
      atMs: 1_700_000_000_000,
      committed: this.events.length,
      credit: this.credit,
      epoch: 1,
      gateway,
      headHash: this.hashes.at(-1) ?? '',
      number: this.number,
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      secured: 0,
      site,
      state: this.state,
      tenant,
      ...change,
    };
    return JSON.stringify({ receipt, signature: this.#identity.sign(receiptText(receipt)) });
  }

  #hearHello(message: Msg): void {
    const { signature, ...words } = message.json<Hello>();
    this.#check(helloText(words), signature, 'hello');
    this.hellos.push({ ...words, signature });
    if (this.hashes.length === 0) this.hashes.push(genesisHash(words.epoch, sha256));
    if (this.answersHello) message.respond(this.signedReceipt());
  }

  #hearFacts(message: Msg): void {
    const { facts, signature } = message.json<SignedNowFacts>();
    this.#check(nowFactsText(facts), signature, 'facts');
    this.facts.push(facts);
  }

  #hearBatch(message: JsMsg): void {
    const { header, events } = decodeBatch(zstdDecompressSync(message.data).toString());
    this.highestSeen = Math.max(this.highestSeen, header.checkpoint.seq);
    if (this.forgets) return message.ack();
    this.#check(checkpointText(header.checkpoint), header.signature, 'batch');
    this.batchSizes.push(events.length);
    const committed = this.events.length;
    const { firstSeq, checkpoint } = header;
    if (firstSeq > committed + 1) {
      this.state = 'replay';
      this.pushReceipt();
      this.state = 'open';
    } else if (checkpoint.seq > committed) {
      this.#commit(checkpoint, firstSeq, events);
    }
    message.ack();
    if (!this.mute) this.pushReceipt();
  }

  #commit(
    checkpoint: Checkpoint,
    firstSeq: number,
    events: readonly { header: string; payload: string }[],
  ): void {
    for (const [index, event] of events.entries()) {
      if (firstSeq + index <= this.events.length) continue;
      this.hashes.push(eventHash(this.hashes.at(-1) ?? '', event, sha256));
      this.events.push(`${event.header}\n${event.payload}`);
    }
    if (this.hashes.at(-1) !== checkpoint.hash) {
      this.faults.push(`the chain does not lead to the checkpoint at ${checkpoint.seq}`);
    }
  }

  #check(text: string, signature: string, what: string): void {
    if (!verifySignature(this.#gateway.publicKey, text, signature)) {
      this.faults.push(`${what}: bad signature`);
    }
  }
}
