import { connect, type MqttClient } from 'mqtt';
import { DeviceBuffer } from './device-buffer.ts';

/** Where a device connects to and as whom. */
export interface MqttAccess {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
}

export interface MqttDeviceOptions<M extends OutgoingMessage> {
  readonly id: string;
  readonly access: MqttAccess;
  readonly buffers: boolean;
  /** QoS 1 messages that may be under way at once. */
  readonly window: number;
  readonly retryMs: number;
  /** What the broker says for the device when it is gone; asked before each connection. */
  readonly will?: () => OutgoingMessage;
  /** What the device says first on each connection. */
  readonly greeting?: () => readonly OutgoingMessage[];
  /** The broker answered for the message. Once per message. */
  readonly onAcknowledged: (message: M) => void;
  /** The message was given up: nothing keeps it any more. Once per message. */
  readonly onDropped: (message: M) => void;
  /** A QoS 0 message went out: nobody will ever know more about it. */
  readonly onSent: (message: M) => void;
}

/**
 * A device on MQTT 3.1.1. It keeps its unacknowledged messages itself and sends them again in
 * order on a new connection: sessions are clean and each connection is a new client, so that
 * nothing of the client library's own store takes part. Without a buffer it forgets instead.
 */
export class MqttDevice<M extends OutgoingMessage> {
  readonly #options: MqttDeviceOptions<M>;
  readonly #buffer: DeviceBuffer<M>;
  #client: MqttClient | undefined;
  #connected = false;
  #stopped = true;
  #retry: NodeJS.Timeout | undefined;
  #connections = 0;

  constructor(options: MqttDeviceOptions<M>) {
    this.#options = options;
    this.#buffer = new DeviceBuffer(options.window);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** How often the device was connected. */
  get connections(): number {
    return this.#connections;
  }

  /** QoS 1 messages that the broker has not answered yet. */
  get waiting(): number {
    return this.#buffer.waiting;
  }

  start(): void {
    this.#stopped = false;
    this.#connect();
  }

  send(message: M): void {
    if (message.qos === 0) {
      this.#sendUnanswered(message);
      return;
    }
    if (!this.#connected && !this.#options.buffers) {
      this.#options.onDropped(message);
      return;
    }
    this.#buffer.add(message);
    this.#pump();
  }

  /** Says goodbye with a DISCONNECT; what is unacknowledged stays in the buffer. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    this.#connected = false;
    await client?.endAsync(true);
  }

  #sendUnanswered(message: M): void {
    if (!this.#connected || this.#client === undefined) {
      this.#options.onDropped(message);
      return;
    }
    this.#client.publish(message.topic, Buffer.from(message.payload), { qos: 0 });
    this.#options.onSent(message);
  }

  #connect(): void {
    const { access, id, will } = this.#options;
    const last = will?.();
    const client = connect({
      host: access.host,
      port: access.port,
      protocol: 'mqtt',
      protocolVersion: 4,
      clientId: id,
      username: access.username,
      password: access.password,
      clean: true,
      keepalive: 20,
      reconnectPeriod: 0,
      connectTimeout: 5000,
      queueQoSZero: false,
      ...(last === undefined
        ? {}
        : {
            will: { topic: last.topic, payload: Buffer.from(last.payload), qos: 1, retain: false },
          }),
    });
    this.#client = client;
    client.on('connect', () => {
      if (client === this.#client) this.#onConnected(client);
    });
    // Refusals and lost connections both end in `close`, where the device tries again.
    client.on('error', () => client.end(true));
    client.on('close', () => {
      if (client === this.#client) this.#onClosed(client);
    });
  }

  #onConnected(client: MqttClient): void {
    this.#connected = true;
    this.#connections += 1;
    for (const { topic, payload, qos } of this.#options.greeting?.() ?? []) {
      client.publish(topic, Buffer.from(payload), { qos });
    }
    this.#pump();
  }

  #onClosed(client: MqttClient): void {
    this.#client = undefined;
    this.#connected = false;
    client.end(true);
    if (this.#options.buffers) this.#buffer.rewind();
    else for (const message of this.#buffer.forget()) this.#options.onDropped(message);
    if (!this.#stopped) this.#retry = setTimeout(() => this.#connect(), this.#options.retryMs);
  }

  #pump(): void {
    const client = this.#client;
    if (client === undefined || !this.#connected) return;
    for (let next = this.#buffer.take(); next !== undefined; next = this.#buffer.take()) {
      const { message, acknowledge } = next;
      client.publish(message.topic, Buffer.from(message.payload), { qos: 1 }, (error) => {
        // An answer on a connection that is gone still counts for nothing but itself: the message
        // was rewound and goes out again, which the receiver must bear.
        if (client !== this.#client || error instanceof Error) return;
        if (acknowledge()) this.#options.onAcknowledged(message);
        this.#pump();
      });
    }
  }
}
