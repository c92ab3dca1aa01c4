import { setTimeout as sleep } from 'node:timers/promises';
import {
  jetstream,
  jetstreamManager,
  type ConsumerMessages,
  type ConsumerNotification,
  type JetStreamManager,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { TenantId } from '#contracts/ids.ts';
import { upStreamName } from '#contracts/subjects.ts';
import type { FairQueue } from './fair-queue.ts';
import { newUpQueue, type GroupWorker, type UpMessage } from './group-worker.ts';
import { consumerName, ensureUpStream, renewConsumer, unconfirmedBatches } from './up-stream.ts';

const purgeEveryMs = 2_000;
const retryMs = 500;
/** A full disk is tried again every five seconds. */
const longestRetries = 10;
const heartbeatMs = 5_000;

/**
 * The consumer of the ordered lane. It runs in sessions: whatever goes wrong with server, stream or
 * consumer ends one, and the next begins with what the stream holds and the store knows. A message
 * is acknowledged after its commit; what is committed is purged from the stream.
 */
export class Intake {
  readonly #tenant: TenantId;
  readonly #worker: GroupWorker;
  readonly #log: Logger;
  #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #consuming = false;
  #endSession: (() => void) | undefined;

  constructor(parts: { tenant: TenantId; worker: GroupWorker; log: Logger }) {
    this.#tenant = parts.tenant;
    this.#worker = parts.worker;
    this.#log = parts.log;
  }

  /** Whether messages can come in now. */
  get consuming(): boolean {
    return this.#consuming;
  }

  start(connection: NatsConnection): void {
    this.#stopping = new AbortController();
    this.#running = this.#run(connection, this.#stopping.signal);
  }

  /** After a reconnection the server repeats what was not acknowledged, out of order: begin anew. */
  renew(): void {
    this.#endSession?.();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(connection: NatsConnection, stopping: AbortSignal): Promise<void> {
    for (let failures = 0; !stopping.aborted && !connection.isClosed();) {
      try {
        await this.#session(connection, stopping);
        failures = 0;
      } catch (error) {
        if (error instanceof Fault && error.code === 'STORE_BROKEN') return;
        failures = Math.min(failures + 1, longestRetries);
        this.#log.warn({ err: error, reason: messageOf(error) }, 'intake.session-failed');
      } finally {
        this.#consuming = false;
      }
      await sleep(retryMs * Math.max(1, failures), undefined, { signal: stopping }).catch(() => {});
    }
  }

  async #session(connection: NatsConnection, stopping: AbortSignal): Promise<void> {
    const jsm = await jetstreamManager(connection);
    await ensureUpStream(jsm, this.#tenant);
    await renewConsumer(jsm, this.#tenant);
    const stream = upStreamName(this.#tenant);
    const consumer = await jetstream(connection).consumers.get(stream, consumerName);
    const queue = newUpQueue();
    const messages = await consumer.consume({
      max_messages: unconfirmedBatches,
      idle_heartbeat: heartbeatMs,
      callback: (message) => queue.add(message),
    });
    const end = () => queue.end();
    this.#endSession = end;
    stopping.addEventListener('abort', end, { once: true });
    if (stopping.aborted) end();
    void messages.closed().then(end);
    void this.#watch(messages, end);
    const purge = new Purger(jsm, stream, this.#log);
    this.#consuming = true;
    this.#log.info({ stream }, 'intake.session-began');
    try {
      await this.#consume(queue, purge);
    } finally {
      stopping.removeEventListener('abort', end);
      this.#endSession = undefined;
      purge.stop();
      messages.stop();
    }
  }

  async #consume(queue: FairQueue<UpMessage>, purge: Purger): Promise<void> {
    for (let group = await queue.take(); group.length > 0; group = await queue.take()) {
      await this.#worker.take(group, () => purge.upTo(queue.takenUpTo));
      // Everybody else gets a turn between two transactions.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #watch(messages: ConsumerMessages, end: () => void): Promise<void> {
    for await (const status of messages.status()) {
      if (!endsSession(status)) continue;
      this.#log.warn({ why: status.type }, 'intake.session-lost');
      end();
    }
  }
}

function endsSession(status: ConsumerNotification): boolean {
  switch (status.type) {
    case 'heartbeats_missed':
    case 'consumer_not_found':
    case 'consumer_deleted':
    case 'stream_not_found':
    case 'no_responders':
      return true;
    default:
      return false;
  }
}

/** Takes out of the stream what is committed, every few seconds. */
class Purger {
  readonly #jsm: JetStreamManager;
  readonly #stream: string;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #committed = 0;
  #purged = 0;

  constructor(jsm: JetStreamManager, stream: string, log: Logger) {
    this.#jsm = jsm;
    this.#stream = stream;
    this.#log = log;
    this.#timer = setInterval(() => void this.#purge(), purgeEveryMs);
  }

  /** Everything up to this stream sequence is decided and durable. */
  upTo(streamSequence: number): void {
    this.#committed = Math.max(this.#committed, streamSequence);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #purge(): Promise<void> {
    const upTo = this.#committed;
    if (upTo <= this.#purged) return;
    try {
      await this.#jsm.streams.purge(this.#stream, { seq: upTo + 1 });
      this.#purged = upTo;
    } catch (error) {
      this.#log.debug({ reason: messageOf(error) }, 'intake.purge-failed');
    }
  }
}
