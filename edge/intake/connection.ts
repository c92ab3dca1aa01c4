import type { Socket } from 'node:net';
import type { ClientCertificate } from './client-certificate.ts';
import { channelOf, type DeviceAccess } from './device-access.ts';
import { EngineStream, maxUnreadBytes } from './engine-stream.ts';
import { FrameReader } from './frame-reader.ts';
import type { Waiter } from './intake-log.ts';
import { RateLimit } from './rate-limit.ts';

/** For clients that declare no keep-alive. */
const assumedKeepAliveMs = 60_000;
/** So much of a device that is slowed down is put aside, so that its pings are heard. */
const maxHeldBytes = 65_536;
const pubackHeader = 0x40;
const pingResponse = 0xd0;
/** Until somebody is signed in there is nothing to count. */
const noLimit = new RateLimit();

export interface ConnectionListener {
  /** There is something for `sendAcks` again. */
  readonly wantsToAck: (connection: Connection) => void;
  /** More waits for it than it has read in a long while: to be closed. */
  readonly notRead: (connection: Connection) => void;
}

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
  /** What it sends is put aside until its device has kept to its limit for long enough. */
  isThrottled = false;
  /** As declared in CONNECT; 0 for none. */
  keepAliveMs = 0;
  /** When something last came in; infinite before CONNECT, which has a time limit of its own. */
  heardMs = Number.POSITIVE_INFINITY;
  #waiting = 0;
  #waitingSinceMs: number | undefined;
  readonly #listener: ConnectionListener;
  #acks: number[] = [];
  #parked: Buffer | undefined;
  #topic = Buffer.alloc(0);
  /** Of the message at hand. */
  topic = '';
  /** Undefined for a topic outside the device's subtree. */
  channel: string | undefined;
  /** No client may publish to such a topic. */
  topicIsForbidden = false;

  constructor(
    socket: Socket,
    certificate: ClientCertificate | undefined,
    maxConnectBytes: number,
    listener: ConnectionListener,
  ) {
    this.#listener = listener;
    this.socket = socket;
    this.engine = new EngineStream(socket, () => listener.notRead(this));
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
    if (packetId !== 0 && this.#acks.push(packetId) === 1) this.#listener.wantsToAck(this);
  }

  /** Nothing of it is taken for so long, whatever else happens. */
  throttle(forMs: number, goOn: () => void): void {
    this.isThrottled = true;
    setTimeout(() => {
      this.isThrottled = false;
      if (!this.socket.destroyed) goOn();
    }, forMs).unref();
  }

  /** While it is slowed down: answers pings, and puts the rest aside until there is no room. */
  holdBack(bytes: Buffer): void {
    const pings = this.frames.hold(bytes);
    if (pings === 0 || !this.socket.writable) return;
    const answer = Buffer.alloc(pings * 2);
    for (let at = 0; at < answer.length; at += 2) answer[at] = pingResponse;
    this.#write(answer);
  }

  /** Whether there is room for more of it. */
  get hasRoom(): boolean {
    return !this.isThrottled || this.frames.heldBytes < maxHeldBytes;
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
    this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    this.socket.write(bytes);
    if (this.socket.writableLength > maxUnreadBytes) this.#listener.notRead(this);
  }
}

/** MQTT 3.1.1, 1.5.3, 3.3.2.1 and 4.7.3: empty, with wildcards or NUL, or not UTF-8. */
function isForbidden(topic: string): boolean {
  return topic === '' || /[#+\0\uFFFD]/.test(topic);
}
