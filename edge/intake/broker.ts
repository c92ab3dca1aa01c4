import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Client, ConnectPacket, PublishPacket } from 'aedes';
import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import { newCounters } from './broker-counters.ts';
import { closeSilent, cutUnbelieved, keepUp } from './broker-upkeep.ts';
import { BrokerListeners, type ListenerSettings } from './broker-listeners.ts';
import type { ClientCertificate } from './client-certificate.ts';
import { Connection } from './connection.ts';
import { ConnectionReader } from './connection-reader.ts';
import { isSameAccess, maySubscribe, topicOf, type DeviceAccess } from './device-access.ts';
import { DeviceDoor, type Caller } from './device-door.ts';
import { DevicePresence } from './device-presence.ts';
import { DeviceNotes } from './device-notes.ts';
import { DeviceRates, type DeviceLimits } from './device-rates.ts';
import { IntakeAedes } from './intake-aedes.ts';
import type { IntakeLog } from './intake-log.ts';
import { LineFaults } from './line-faults.ts';
import { isTakenWhole, messageBody } from './message-body.ts';
import type { PublishFrame } from './frame-reader.ts';
import { readShared } from './shared-read.ts';

export interface BrokerOptions extends ListenerSettings {
  readonly devices: readonly DeviceAccess[];
  /** How fast each device may send; without one, as fast as it can. */
  readonly limits?: readonly DeviceLimits[];
  readonly intake: IntakeLog;
  /** Where refusals of known devices outlive the process; without it they do not. */
  readonly refusalsFile?: string;
  /** Trusted time. */
  readonly clock: Clock;
  readonly log: Logger;
}

/** Frames above this are cut at their header. */
const maxFrameBytes = 1_048_576;
/** Before a client has signed in, nothing needs to be larger. */
const maxConnectBytes = 65_536;
const connectTimeoutMs = 5000;
const heldCheckMs = 250;
const silenceCheckMs = 1000;
/** A certificate that was renewed is in use after this, and a date that has passed is said. */
const upkeepMs = 60_000;

/** CONNACK return codes (MQTT 3.1.1, table 3.1). */
const connack = { unavailable: 3, badCredentials: 4 } as const;

/**
 * The embedded MQTT 3.1.1 broker. A PUBACK (PUBREC for QoS 2) leaves only when the message is in
 * the intake log on disk.
 *
 * aedes speaks the protocol: sessions, wills, subscriptions, QoS 2, whose `authorizePublish` awaits
 * the commit, because aedes acknowledges as soon as that calls back. PUBLISH with QoS 0 and 1, which
 * is nearly all traffic, goes past it from the socket into the log, and its acknowledgements leave
 * together after each commit: that halves the cost of a message.
 *
 * A message that is sent again is taken again: readings know their natural key or do not mind.
 */
export class IntakeBroker {
  readonly #options: BrokerOptions;
  readonly #aedes: IntakeAedes;
  /** What stands in the way of devices, as it shows here. */
  readonly notes: DeviceNotes;
  /** How fast each device may send, also one that posts. */
  readonly rates: DeviceRates;
  /** Connections that were closed for what a device did on them. */
  readonly lineFaults: LineFaults;
  readonly #reader: ConnectionReader;
  /** Where devices come in. */
  readonly listeners: BrokerListeners;
  readonly #door: DeviceDoor;
  readonly #open = new Set<Connection>();
  /** Kept as long as aedes keeps the stream: a will is published after the close. */
  readonly #byStream = new WeakMap<object, Connection>();
  readonly #presence: DevicePresence;
  /** Connections with acknowledgements to send. */
  readonly #acking: Connection[] = [];
  #heldCheck: NodeJS.Timeout | undefined;
  #silenceCheck: NodeJS.Timeout | undefined;
  #upkeep: NodeJS.Timeout | undefined;
  readonly counters = newCounters();

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#presence = new DevicePresence(options);
    this.notes = new DeviceNotes(options);
    this.rates = new DeviceRates({ ...options, notes: this.notes });
    this.lineFaults = new LineFaults({ ...options, counters: this.counters, notes: this.notes });
    const { lineFaults, rates } = this;
    this.#reader = new ConnectionReader({ ...options, lineFaults, rates });
    this.#door = new DeviceDoor({
      ...options,
      counters: this.counters,
      notes: this.notes,
      isConnected: (device) => this.#presence.has(device),
    });
    this.listeners = new BrokerListeners({
      ...options,
      settings: options,
      accept: (socket, certificate) => this.#accept(socket, certificate),
      isPinned: (certificate) => this.#door.holderOf(certificate) !== undefined,
      refuse: (reason, caller) => this.#door.refuse(reason, caller),
      dropped: () => (this.counters.connectionsRefused += 1),
    });
    this.#aedes = new IntakeAedes({
      connectTimeout: connectTimeoutMs,
      // Nothing of ours listens to the broker's own heartbeat.
      heartbeatInterval: 3_600_000,
      preConnect: (client, packet, done) => {
        this.#preConnect(client, packet);
        done(null, true);
      },
      authenticate: (client, username, password, done) => {
        const code = this.#authenticate(client, username, password);
        if (code === undefined) done(null, true);
        else done(Object.assign(new Error(''), { returnCode: code }), null);
      },
      authorizePublish: (client, packet, done) => this.#publish(client, packet, done),
      authorizeSubscribe: (client, filter, done) => {
        done(null, this.#maySubscribe(client, filter.topic) ? filter : null);
      },
    });
  }

  get connections(): number {
    return this.#open.size;
  }

  get refusals(): DeviceDoor['refusals'] {
    return this.#door.refusals;
  }

  /** Accepts devices. @returns the port, the plain one if there is one. @throws as `listen`. */
  async start(): Promise<number> {
    const { intake, log } = this.#options;
    this.#door.restore();
    await this.#aedes.listen();
    this.#aedes.on('client', (client) => this.#presence.came(this.#deviceOf(client)));
    this.#aedes.on('clientDisconnect', (client) => this.#presence.went(this.#deviceOf(client)));
    for (const event of ['clientError', 'connectionError'] as const) {
      this.#aedes.on(event, (client, error) => {
        const device = this.#deviceOf(client);
        log.debug({ device, reason: messageOf(error) }, 'broker.connection-failed');
      });
    }
    intake.onHold((hold) => this.#watchHold(hold !== undefined));
    intake.onDurable(() => {
      for (const connection of this.#acking.splice(0)) connection.sendAcks();
    });
    this.#silenceCheck = setInterval(() => {
      if (intake.hold === undefined) closeSilent(this.#open, this.#options.clock.nowMs(), log);
    }, silenceCheckMs);
    this.#upkeep = setInterval(() => void this.keepUp(), upkeepMs);
    await this.listeners.start();
    return this.listeners.ports.plain ?? this.listeners.ports.tls ?? 0;
  }

  /**
   * Puts other devices in the place of those so far. Who has the same access as before stays
   * connected; who has another one, or none, is let go.
   */
  replaceDevices(devices: readonly DeviceAccess[]): void {
    this.#door.replaceDevices(devices);
    for (const { access, socket } of this.#open) {
      if (access === undefined) continue;
      const now = this.#door.accessOf(access.device);
      if (now === undefined || !isSameAccess(access, now)) socket.destroy();
    }
  }

  /** Accepts devices elsewhere; who is connected stays. @throws as `BrokerListeners.change`. */
  async listenAt(settings: ListenerSettings): Promise<void> {
    await this.listeners.change(settings);
    cutUnbelieved(this.#open, this.listeners);
  }

  /** Follows what changes with time and in files; by itself every minute. */
  async keepUp(): Promise<void> {
    const { lineFaults, listeners, rates } = this;
    const parts = { door: this.#door, lineFaults, listeners, open: this.#open, rates };
    await keepUp({ ...this.#options, ...parts });
  }

  /** Closes every connection; what was not acknowledged stays with the devices. */
  async stop(): Promise<void> {
    clearInterval(this.#heldCheck);
    clearInterval(this.#silenceCheck);
    clearInterval(this.#upkeep);
    const stopped = this.listeners.stop();
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    const closing = [...this.#open].map(({ socket }) => once(socket.destroy(), 'close'));
    await Promise.all([stopped, ...closing]);
    this.#door.keep('now');
  }

  /** Publishes to whoever listens on a device's channel; nothing is kept for who does not. */
  send(device: string, channel: string, payload: Uint8Array): boolean {
    const access = this.#door.accessOf(device);
    const topic = access && topicOf(access, channel);
    if (topic !== undefined) this.#aedes.tell(topic, payload);
    return topic !== undefined;
  }

  #of(client: Client | null): Connection | undefined {
    return client === null ? undefined : this.#byStream.get(client.conn);
  }

  #deviceOf(client: Client | null): string | undefined {
    return this.#of(client)?.access?.device;
  }

  #maySubscribe(client: Client | null, filter: string): boolean {
    const connection = this.#of(client);
    if (connection?.access === undefined) return false;
    const may = maySubscribe(connection.access, filter);
    if (!may) this.#door.deny('subscription-denied', connection, filter);
    return may;
  }

  #accept(accepted: Socket, certificate: ClientCertificate | undefined): void {
    if (this.#open.size >= this.listeners.maxConnections) {
      this.counters.connectionsRefused += 1;
      accepted.destroy();
      return;
    }
    const socket = readShared(accepted, (bytes) => this.#reader.read(connection, bytes));
    socket.setNoDelay(true);
    const connection = new Connection(socket, certificate, maxConnectBytes, {
      wantsToAck: (one) => this.#acking.push(one),
      notRead: (one) => this.lineFaults.notRead(one),
    });
    const { engine } = connection;
    engine.onWantsMore(() => this.#reader.readOn(connection));
    // Before the engine hears of the end: what was put aside came before that.
    socket.prependListener('end', () => void this.#reader.takeHeld(connection));
    this.#byStream.set(engine, connection);
    this.#open.add(connection);
    socket.once('close', () => this.#open.delete(connection));
    this.#aedes.handle(engine);
  }

  #preConnect(client: Client, packet: ConnectPacket): void {
    if (packet.protocolVersion === 5) {
      this.counters.mqtt5Refused += 1;
      const caller = { ...this.#callerOf(client), clientId: packet.clientId };
      this.#door.refuse('mqtt5', caller, packet.username);
      this.#options.log.warn({ clientId: packet.clientId }, 'broker.mqtt5-refused');
    }
    const connection = this.#of(client);
    if (connection !== undefined) connection.keepAliveMs = (packet.keepalive ?? 0) * 1000;
    // aedes does not see most of what comes in, so that it cannot tell who is silent.
    packet.keepalive = 0;
  }

  #callerOf(client: Client): Caller {
    const { certificate, socket } = this.#of(client) ?? {};
    return { clientId: client.id, address: socket?.remoteAddress, certificate };
  }

  /** @returns why not, as a CONNACK code. */
  #authenticate(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): number | undefined {
    const connection = this.#of(client);
    const caller = this.#callerOf(client);
    const access = this.#door.signIn(caller, username, password);
    if (access === undefined || connection === undefined) return connack.badCredentials;
    if (this.#options.intake.hold !== undefined) {
      this.counters.unavailable += 1;
      return connack.unavailable;
    }
    const { device } = access;
    connection.signIn(caller.clientId, access, this.rates.of(device));
    // Sessions go by this: whatever id a device gives, it meets none but its own.
    client.id = `${device}\n${caller.clientId}`;
    connection.frames.open(maxFrameBytes, {
      takePublish: (bytes, frame) => this.#takePublish(connection, access, bytes, frame),
    });
    return undefined;
  }

  /** The way of nearly every message: QoS 0 and 1, straight from the socket. */
  #takePublish(
    connection: Connection,
    access: DeviceAccess,
    bytes: Buffer,
    frame: PublishFrame,
  ): boolean {
    const { intake } = this.#options;
    connection.useTopic(bytes, frame.topicAt, frame.topicEnd);
    if (connection.topicIsForbidden) {
      this.lineFaults.broke(connection, 'MQTT-3.3.2-2');
      return true;
    }
    const { topic, channel } = connection;
    const { qos, packetId, payloadAt: from, payloadEnd: to } = frame;
    const { device } = access;
    const nowMs = connection.heardMs;
    connection.taken(nowMs);
    let isTaken: boolean;
    if (isTakenWhole(channel, to - from)) {
      const message = { device, channel, qos, bytes, from, to };
      isTaken = intake.appendMessage(message, nowMs, connection, packetId);
    } else {
      if (channel === undefined) this.#door.deny('topic-denied', connection, topic);
      const body = messageBody(device, topic, channel, qos, bytes.subarray(from, to));
      isTaken = intake.append(body, nowMs, (pos) => connection.durable(pos, packetId));
    }
    if (!isTaken) this.#closeHeld(connection);
    return true;
  }

  /** QoS 2, wills, and what came along with CONNECT. */
  #publish(
    client: Client | null,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ): void {
    const connection = this.#of(client);
    const access = connection?.access;
    if (connection === undefined || access === undefined) {
      done(new Error('nobody is signed in'));
      return;
    }
    const { topic, qos } = packet;
    const payload =
      typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const channel = connection.channelOf(topic);
    if (channel === undefined) this.#door.deny('topic-denied', connection, topic);
    const nowMs = this.#options.clock.nowMs();
    connection.taken(nowMs);
    const body = messageBody(access.device, topic, channel, qos, payload);
    const isTaken = this.#options.intake.append(body, nowMs, (pos) => {
      connection.durable(pos, 0);
      done(null);
    });
    if (!isTaken) {
      this.#closeHeld(connection);
      done(new Error('intake holds and has no room'));
    }
  }

  #closeHeld(connection: Connection): void {
    this.counters.heldClosed += 1;
    connection.socket.destroy();
  }

  /** While acknowledgements are held, no device waits longer than half its keep-alive. */
  #watchHold(held: boolean): void {
    clearInterval(this.#heldCheck);
    if (held) {
      this.#heldCheck = setInterval(() => {
        const nowMs = this.#options.clock.nowMs();
        for (const connection of this.#open) {
          if (connection.waitsTooLong(nowMs)) this.#closeHeld(connection);
        }
      }, heldCheckMs);
      return;
    }
    for (const connection of this.#open) this.#reader.resume(connection);
  }
}
