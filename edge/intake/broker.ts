import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Client, ConnectPacket, PublishPacket, Subscription } from 'aedes';
import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import { newCounters } from './broker-counters.ts';
import { Connection } from './connection.ts';
import {
  byUsername,
  isSameAccess,
  maySubscribe,
  signIn,
  topicOf,
  type DeviceAccess,
} from './device-access.ts';
import { DeviceListener } from './device-listener.ts';
import { DevicePresence } from './device-presence.ts';
import { IntakeAedes } from './intake-aedes.ts';
import type { IntakeLog } from './intake-log.ts';
import { isTakenWhole, messageBody } from './message-body.ts';
import type { PublishFrame } from './frame-reader.ts';
import { RefusalLog, type RefusalReason } from './refusal-log.ts';
import { readShared } from './shared-read.ts';
import { SignInLimit, signInKey } from './sign-in-limit.ts';

export interface BrokerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly maxConnections: number;
  readonly devices: readonly DeviceAccess[];
  readonly intake: IntakeLog;
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

/** CONNACK return codes (MQTT 3.1.1, table 3.1). */
const connack = { identifierRejected: 2, unavailable: 3, badCredentials: 4 } as const;

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
  readonly #listener: DeviceListener;
  #byUsername: ReadonlyMap<string, DeviceAccess>;
  readonly #open = new Set<Connection>();
  /** Kept as long as aedes keeps the stream: a will is published after the close. */
  readonly #byStream = new WeakMap<object, Connection>();
  readonly #byClientId = new Map<string, Connection>();
  readonly #signIns = new SignInLimit();
  /** Who was not let in lately, and why. */
  readonly refusals = new RefusalLog();
  /** Connections with acknowledgements to send. */
  #acking: Connection[] = [];
  #heldCheck: NodeJS.Timeout | undefined;
  #silenceCheck: NodeJS.Timeout | undefined;
  readonly counters = newCounters();

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#byUsername = byUsername(options.devices);
    this.#listener = new DeviceListener({
      ...options,
      connections: () => this.#open.size,
      accept: (socket) => this.#accept(socket),
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
      authorizeSubscribe: (client, filter, done) => done(null, this.#subscribe(client, filter)),
    });
  }

  get connections(): number {
    return this.#open.size;
  }

  /** Accepts devices. @returns the port. @throws what `listen` reports. */
  async start(): Promise<number> {
    const { clock, intake, log } = this.#options;
    await this.#aedes.listen();
    const presence = new DevicePresence((device, connected) => {
      intake.append({ type: 'connection', device, connected }, clock.nowMs());
    });
    this.#aedes.on('client', (client) => {
      const device = this.#of(client)?.access?.device;
      if (device !== undefined) presence.connected(device);
    });
    this.#aedes.on('clientDisconnect', (client) => {
      const device = this.#of(client)?.access?.device;
      if (device !== undefined) presence.disconnected(device);
    });
    for (const event of ['clientError', 'connectionError'] as const) {
      this.#aedes.on(event, (client, error) => {
        const device = this.#of(client)?.access?.device;
        log.debug({ device, reason: messageOf(error) }, 'broker.connection-failed');
      });
    }
    intake.onHold((hold) => this.#watchHold(hold !== undefined));
    intake.onDurable(() => this.#sendAcks());
    this.#silenceCheck = setInterval(() => this.#closeSilent(), silenceCheckMs);
    return await this.#listener.start();
  }

  /**
   * Puts other devices in the place of those so far. Who has the same access as before stays
   * connected; who has another one, or none, is let go.
   */
  replaceDevices(devices: readonly DeviceAccess[]): void {
    this.#byUsername = byUsername(devices);
    for (const { access, socket } of this.#open) {
      if (access === undefined) continue;
      const now = this.#byUsername.get(access.username);
      if (now === undefined || !isSameAccess(access, now)) socket.destroy();
    }
  }

  limitConnections(maxConnections: number): void {
    this.#listener.limit(maxConnections);
  }

  /** Accepts devices elsewhere; who is connected stays. @throws as `DeviceListener.moveTo`. */
  async moveTo(host: string, port: number): Promise<void> {
    await this.#listener.moveTo(host, port);
  }

  /** Closes every connection; what was not acknowledged stays with the devices. */
  async stop(): Promise<void> {
    clearInterval(this.#heldCheck);
    clearInterval(this.#silenceCheck);
    const stopped = this.#listener.stop();
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    const closing = [...this.#open].map(({ socket }) => once(socket.destroy(), 'close'));
    await Promise.all([stopped, ...closing]);
  }

  /** Publishes to whoever listens on a device's channel; nothing is kept for who does not. */
  send(device: string, channel: string, payload: Uint8Array): boolean {
    const access = [...this.#byUsername.values()].find((of) => of.device === device);
    const topic = access && topicOf(access, channel);
    if (topic !== undefined) this.#aedes.tell(topic, payload);
    return topic !== undefined;
  }

  #of(client: Client | null): Connection | undefined {
    return client === null ? undefined : this.#byStream.get(client.conn);
  }

  #accept(accepted: Socket): void {
    const socket = readShared(accepted, (bytes) => this.#read(connection, bytes));
    socket.setNoDelay(true);
    const connection = new Connection(socket, maxConnectBytes, (one) => this.#acking.push(one));
    const { engine } = connection;
    engine.onWantsMore(() => this.#readOn(connection));
    this.#byStream.set(engine, connection);
    this.#open.add(connection);
    socket.once('close', () => {
      this.#open.delete(connection);
      const { clientId } = connection;
      if (this.#byClientId.get(clientId) === connection) this.#byClientId.delete(clientId);
    });
    this.#aedes.handle(engine);
  }

  /**
   * A frame that is too long ends the connection at its header. While the log holds, what a device
   * sends next is put aside, and nothing more is read of it: the socket fills up, and then the device
   * itself has to wait.
   *
   * @returns whether to read on.
   */
  #read(connection: Connection, bytes: Buffer): boolean {
    const nowMs = (connection.heardMs = this.#options.clock.nowMs());
    if (this.#options.intake.hold !== undefined && connection.access !== undefined) {
      connection.park(bytes, nowMs);
      return false;
    }
    const { engine, frames } = connection;
    const forEngine = frames.read(bytes);
    if (frames.cutBytes === undefined) return forEngine === null || engine.push(forEngine);
    this.#cut(connection, frames.cutBytes);
    return false;
  }

  #readOn({ socket, access }: Connection): void {
    if (this.#options.intake.hold === undefined || access === undefined) socket.resume();
  }

  #cut({ socket, access }: Connection, announcedBytes: number): void {
    socket.destroy();
    this.counters.framesCut += 1;
    this.#options.log.warn({ device: access?.device, announcedBytes }, 'broker.frame-cut');
  }

  #preConnect(client: Client, packet: ConnectPacket): void {
    if (packet.protocolVersion === 5) {
      this.counters.mqtt5Refused += 1;
      this.#noteRefused('mqtt5', client, packet.username, packet.clientId);
      this.#options.log.warn({ clientId: packet.clientId }, 'broker.mqtt5-refused');
    }
    const connection = this.#of(client);
    if (connection !== undefined) connection.keepAliveMs = (packet.keepalive ?? 0) * 1000;
    // aedes does not see most of what comes in, so that it cannot tell who is silent.
    packet.keepalive = 0;
  }

  /** @returns why not, as a CONNACK code. */
  #authenticate(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): number | undefined {
    const connection = this.#of(client);
    const device = this.#byUsername.has(username ?? '') ? username : undefined;
    const key = signInKey(connection?.socket.remoteAddress, device);
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#signIns.take(key, 'asks', nowMs).includes('refuse')) {
      this.counters.signInsLimited += 1;
      this.#noteRefused('too-many-tries', client, username);
      return connack.badCredentials;
    }
    const access = signIn(this.#byUsername, username, password);
    if (access === undefined || connection === undefined) {
      this.counters.signInsRefused += 1;
      const [effect] = this.#signIns.take(key, 'failed', nowMs);
      const why = device === undefined ? 'unknown-user' : 'wrong-password';
      this.#noteRefused(why, client, username);
      const from = { address: connection?.socket.remoteAddress, username: device };
      if (effect === 'warn') this.#options.log.warn(from, 'broker.sign-in-refused');
      if (effect === 'limited') this.#options.log.warn(from, 'broker.sign-ins-limited');
      return connack.badCredentials;
    }
    this.#signIns.take(key, 'signed-in', nowMs);
    if (this.#options.intake.hold !== undefined) {
      this.counters.unavailable += 1;
      return connack.unavailable;
    }
    const owner = this.#byClientId.get(client.id);
    if (owner?.access !== undefined && owner.access.device !== access.device) {
      this.counters.clientIdsRefused += 1;
      const { device } = access;
      this.#noteRefused('client-id-taken', client, username);
      this.#options.log.warn({ device, clientId: client.id }, 'broker.client-id-refused');
      return connack.identifierRejected;
    }
    this.#byClientId.set(client.id, connection);
    connection.signIn(client.id, access);
    connection.frames.open(maxFrameBytes, {
      takePublish: (bytes, frame) => this.#takePublish(connection, access, bytes, frame),
    });
    return undefined;
  }

  #noteRefused(why: RefusalReason, client: Client, username?: string, clientId = client.id): void {
    const address = this.#of(client)?.socket.remoteAddress;
    const refused = { reason: why, username, clientId, address };
    this.refusals.note(refused, this.#options.clock.nowMs());
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
      this.counters.protocolFaults += 1;
      connection.socket.destroy();
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
      const body = messageBody(device, topic, channel, qos, bytes.subarray(from, to));
      isTaken = intake.append(body, nowMs, (pos) => connection.durable(pos, packetId));
    }
    if (!isTaken) this.#closeHeld(connection);
    return true;
  }

  #sendAcks(): void {
    const acking = this.#acking;
    this.#acking = [];
    for (const connection of acking) connection.sendAcks();
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

  #subscribe(client: Client, filter: Subscription): Subscription | null {
    const access = this.#of(client)?.access;
    return access !== undefined && maySubscribe(access, filter.topic) ? filter : null;
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
    for (const connection of this.#open) {
      const parked = connection.unpark();
      if (parked === undefined || this.#read(connection, parked)) this.#readOn(connection);
    }
  }

  #closeSilent(): void {
    if (this.#options.intake.hold !== undefined) return;
    const nowMs = this.#options.clock.nowMs();
    for (const connection of this.#open) {
      if (!connection.isSilent(nowMs)) continue;
      const device = connection.access?.device;
      this.#options.log.info({ device }, 'broker.keep-alive-missed');
      connection.socket.destroy();
    }
  }
}
