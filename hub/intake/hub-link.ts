import { setTimeout as sleep } from 'node:timers/promises';
import {
  connect,
  type Msg,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { TenantId } from '#contracts/ids.ts';
import { addressOf, inboxPrefix, subjectOfAll, type GatewayAddress } from '#contracts/subjects.ts';

const redialMs = 500;

/** What the link brings. */
export interface LinkListener {
  /** @returns the answer; undefined for none. */
  hello(address: GatewayAddress, data: Uint8Array): Promise<string | undefined>;
  facts(address: GatewayAddress, data: Uint8Array): void;
  /** A gateway asks for its downlink. @returns the answer; undefined for none. */
  downlink(address: GatewayAddress, data: Uint8Array): Promise<string | Uint8Array | undefined>;
  /** A connection stands, or a new one after the last was closed. */
  connected(connection: NatsConnection): void;
  /** The same connection, after the server was away. */
  reconnected(): void;
  disconnected(): Promise<void>;
}

type Answerer = (
  address: GatewayAddress,
  data: Uint8Array,
) => Promise<string | Uint8Array | undefined>;

/** The hub's connection to NATS: dialled until it stands, and again whenever it ends. */
export class HubLink {
  readonly #options: NodeConnectionOptions;
  readonly #tenant: TenantId;
  readonly #listener: LinkListener;
  readonly #log: Logger;
  #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #connection: NatsConnection | undefined;
  #away = true;

  constructor(parts: {
    options: NodeConnectionOptions;
    tenant: TenantId;
    listener: LinkListener;
    log: Logger;
  }) {
    this.#options = parts.options;
    this.#tenant = parts.tenant;
    this.#listener = parts.listener;
    this.#log = parts.log;
  }

  get connected(): boolean {
    return this.#connection !== undefined && !this.#away;
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#connection?.close();
    await this.#running;
  }

  /** Core NATS, dropped while the server is away: all that is said this way is said again. */
  publish(subject: string, text: string): void {
    if (this.connected) this.#connection?.publish(subject, text);
  }

  /**
   * Asks and waits for one answer.
   *
   * @throws Fault LINK_DOWN when NATS is away, nobody listens there, or none comes in time.
   */
  async request(subject: string, text: string, timeoutMs: number): Promise<Uint8Array> {
    const connection = this.#connection;
    if (!this.connected || connection === undefined) throw new Fault('LINK_DOWN', 'NATS is away');
    try {
      return (await connection.request(subject, text, { timeout: timeoutMs })).data;
    } catch (cause) {
      throw new Fault('LINK_DOWN', `nobody answered: ${messageOf(cause)}`, { cause });
    }
  }

  async #run(stopping: AbortSignal): Promise<void> {
    let quiet = false;
    while (!stopping.aborted) {
      try {
        const connection = await connect({
          name: 'holdfast hub',
          pingInterval: 5_000,
          maxPingOut: 2,
          reconnectTimeWait: redialMs,
          noAsyncTraces: true,
          ...this.#options,
          maxReconnectAttempts: -1,
          // A server that is reloaded with new rights may refuse us for a moment.
          ignoreAuthErrorAbort: true,
        });
        quiet = false;
        await this.#serve(connection, stopping);
      } catch (error) {
        if (!quiet) this.#log.warn({ reason: messageOf(error) }, 'nats.away');
        quiet = true;
      }
      await sleep(redialMs, undefined, { signal: stopping }).catch(() => {});
    }
  }

  async #serve(connection: NatsConnection, stopping: AbortSignal): Promise<void> {
    if (stopping.aborted) return await connection.close();
    this.#connection = connection;
    this.#away = false;
    void this.#watch(connection);
    const listener = this.#listener;
    this.#answers(connection, 'hello', (...of) => listener.hello(...of));
    this.#answers(connection, 'downlink', (...of) => listener.downlink(...of));
    connection.subscribe(subjectOfAll(this.#tenant, 'now'), {
      callback: (error, message) => {
        const address = error === null ? this.#addressOf(message) : undefined;
        if (address !== undefined) this.#listener.facts(address, message.data);
      },
    });
    this.#log.info({ server: connection.getServer() }, 'nats.connected');
    this.#listener.connected(connection);
    await connection.closed();
    this.#connection = undefined;
    this.#away = true;
    await this.#listener.disconnected();
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        this.#away = true;
        this.#log.warn({ server: status.server }, 'nats.away');
      }
      if (status.type === 'reconnect') {
        this.#away = false;
        this.#log.info({ server: status.server }, 'nats.connected');
        this.#listener.reconnected();
      }
      if (status.type === 'error') {
        this.#log.error({ reason: messageOf(status.error) }, 'nats.refused');
      }
    }
  }

  #answers(connection: NatsConnection, lane: 'hello' | 'downlink', ask: Answerer): void {
    connection.subscribe(subjectOfAll(this.#tenant, lane), {
      callback: (error, message) => {
        if (error === null) void this.#answer(message, lane, ask);
      },
    });
  }

  async #answer(message: Msg, lane: 'hello' | 'downlink', ask: Answerer): Promise<void> {
    const address = this.#addressOf(message);
    if (address === undefined) return;
    // The sender chose where the answer goes, and the hub has more rights than the sender: an answer
    // anywhere but in the gateway's own inbox would be an order given in the hub's name.
    if (message.reply?.startsWith(`${inboxPrefix(address)}.`) !== true) {
      this.#log.warn({ gateway: address.gateway, lane }, 'hello.reply-refused');
      return;
    }
    try {
      const answer = await ask(address, message.data);
      if (answer !== undefined && this.connected) message.respond(answer);
    } catch (error) {
      this.#log.error({ err: error, gateway: address.gateway, lane }, 'hello.failed');
    }
  }

  #addressOf(message: Msg): GatewayAddress | undefined {
    try {
      return { tenant: this.#tenant, ...addressOf(message.subject) };
    } catch {
      return undefined;
    }
  }
}
