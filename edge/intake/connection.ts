import type { Socket } from 'node:net';
import type { ClientCertificate } from './client-certificate.ts';
import { channelOf, type DeviceAccess } from './device-access.ts';
import { EngineStream } from './engine-stream.ts';
import { FrameReader } from './frame-reader.ts';
import type { Waiter } from './intake-log.ts';
import { RateLimit } from './rate-limit.ts';

/** For clients that declare no keep-alive. */
const assumedKeepAliveMs = 60_000;
/** A client that reads none of its acknowledgements for this long a queue is let go. */
const maxUnreadBytes = 65_536;
const pubackHeader = 0x40;
/** Until somebody is signed in there is nothing to count. */
const noLimit = new RateLimit();

/** A device's connection to the broker, and what it still waits for. */
export class Connection implements Waiter {
  readonly socket: Socket;
  readonly engine: EngineStream;
  readonly frames: FrameReader;
  clientId = '';
  access: DeviceAccess | undefined;
  /** Shown at the handshake of TLS. */
  readonly certificate: ClientCertificate | undefined;
  /** How much its device may send. */
  rate: RateLimit = noLimit;
  /** It is not read until its device has kept to its limit for long enough. */
  isThrottled = false;
  /** As declared in CONNECT; 0 for none. */
  keepAliveMs = 0;
  /** When something last came in; infinite before CONNECT, which has a time limit of its own. */
  heardMs = Number.POSITIVE_INFINITY;
  #waiting = 0;
  #waitingSinceMs: number | undefined;
  readonly #wantsToAck: (connection: Connection) => void;
  #acks: number[] = [];
  #parked: Buffer | undefined;
  #topic = Buffer.alloc(0);
  /** Of the message at hand. */
  topic = '';
  /** Undefined for a topic outside the device's subtree. */
  channel: string | undefined;
  /** No client may publish to such a topic. */
  topicIsForbidden = false;

  /** @param wantsToAck is called when there is something for `sendAcks` again */
  constructor(
    socket: Socket,
    certificate: ClientCertificate | undefined,
    maxConnectBytes: number,
    wantsToAck: (connection: Connection) => void,
  ) {
    this.#wantsToAck = wantsToAck;
    this.socket = socket;
    this.engine = new EngineStream(socket);
    this.certificate = certificate;
    this.frames = new FrameReader(maxConnectBytes);
  }

  signIn(clientId: string, access: DeviceAccess, rate: RateLimit): void {
    this.clientId = clientId;
    this.access = access;
    this.rate = rate;
  }

  /**
   * The topic in bytes, and its channel. Devices publish to the same topic again and again, so that
   * it is decoded only when it changes.
   */
  useTopic(bytes: Buffer, from: number, to: number): void {
    const last = this.#topic;
    if (to - from === last.length) {
      let index = 0;
      while (index < last.length && bytes[from + index] === last[index]) index += 1;
      if (index === last.length && index > 0) return;
    }
    this.#topic = Buffer.from(bytes.subarray(from, to));
    this.topic = this.#topic.toString('utf8');
    this.topicIsForbidden = isForbidden(this.topic);
    this.channel = this.channelOf(this.topic);
  }

  channelOf(topic: string): string | undefined {
    return this.access === undefined ? undefined : channelOf(this.access, topic);
  }

  /** A message was taken and is not durable yet. */
  taken(nowMs: number): void {
    this.#waiting += 1;
    this.#waitingSinceMs ??= nowMs;
    this.rate.messages += 1;
  }

  /** @param packetId to acknowledge; 0 for none. */
  durable(_pos: number, packetId: number): void {
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#waitingSinceMs = undefined;
    if (packetId !== 0 && this.#acks.push(packetId) === 1) this.#wantsToAck(this);
  }

  /** Nothing is read of it for so long, whatever else happens. */
  throttle(forMs: number, readOn: () => void): void {
    this.isThrottled = true;
    this.socket.pause();
    setTimeout(() => {
      this.isThrottled = false;
      if (!this.socket.destroyed) readOn();
    }, forMs).unref();
  }

  /** Keeps a copy of what it sent for later. */
  park(bytes: Buffer, nowMs: number): void {
    this.#parked = Buffer.from(bytes);
    this.#waitingSinceMs ??= nowMs;
  }

  /** @returns what was parked. */
  unpark(): Buffer | undefined {
    const parked = this.#parked;
    this.#parked = undefined;
    if (this.#waiting === 0) this.#waitingSinceMs = undefined;
    return parked;
  }

  /** Whether something of the device has waited for half its keep-alive. */
  waitsTooLong(nowMs: number): boolean {
    const keepAliveMs = this.keepAliveMs === 0 ? assumedKeepAliveMs : this.keepAliveMs;
    return this.#waitingSinceMs !== undefined && nowMs - this.#waitingSinceMs >= keepAliveMs / 2;
  }

  /** One and a half times the keep-alive without a byte (MQTT 3.1.1, 3.1.2.10). */
  isSilent(nowMs: number): boolean {
    if (this.isThrottled || this.keepAliveMs === 0) return false;
    return nowMs - this.heardMs > this.keepAliveMs * 1.5;
  }

  /** All acknowledgements of a commit in one write (PUBACK: MQTT 3.1.1, 3.4). */
  sendAcks(): void {
    const acks = this.#acks;
    this.#acks = [];
    if (!this.socket.writable) return;
    const bytes = Buffer.allocUnsafe(acks.length * 4);
    for (let index = 0; index < acks.length; index += 1) {
      const packetId = acks[index] ?? 0;
      bytes[index * 4] = pubackHeader;
      bytes[index * 4 + 1] = 2;
      bytes[index * 4 + 2] = packetId >> 8;
      bytes[index * 4 + 3] = packetId & 0xff;
    }
    this.socket.write(bytes);
    if (this.socket.writableLength > maxUnreadBytes) this.socket.destroy();
  }
}

/** MQTT 3.1.1, 1.5.3, 3.3.2.1 and 4.7.3: empty, with wildcards or NUL, or not UTF-8. */
function isForbidden(topic: string): boolean {
  return topic === '' || /[#+\0\uFFFD]/.test(topic);
}
