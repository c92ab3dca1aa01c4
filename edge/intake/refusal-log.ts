import type { ChainRefusal } from './client-chain.ts';

/** Why a client was not let in at the broker. */
export type RefusalReason =
  | 'unknown-user'
  /** Neither a user name nor a certificate. */
  | 'nothing-shown'
  | 'wrong-password'
  /** Not even compared: too many were wrong before. */
  | 'too-many-tries'
  | 'mqtt5'
  /** It must show one, and showed none. */
  | 'no-certificate'
  /** It is believed, and no device has it. */
  | 'certificate-of-nobody'
  | `certificate-${ChainRefusal}`
  /** Something else than TLS came in, such as plain MQTT. */
  | 'tls-not-spoken'
  | 'tls-too-old'
  /** The client itself broke off: it does not believe the gateway's certificate. */
  | 'tls-not-trusted'
  | 'tls-failed'
  /** It is let in, and listens or speaks outside its own topics. */
  | 'subscription-denied'
  | 'topic-denied';

export interface RefusedClient {
  readonly reason: RefusalReason;
  /** As it was given; a user name that no device has may be a mistyped password. */
  readonly username: string | undefined;
  readonly clientId: string;
  readonly address: string | undefined;
  /** The common name and the SHA-256 of the certificate that it showed. */
  readonly certificate?: string;
  /** The device that it is, or whose name it used. */
  readonly device?: string;
  /** What it was denied last. */
  readonly topic?: string;
  readonly count: number;
  readonly lastMs: number;
}

/** Of callers that are none of our devices, by their own account. */
const mostUnknown = 200;
/** Of one device: who uses its name cannot push out what was refused to others. */
const mostPerDevice = 5;
const mostChars = 80;
/** A name and 64 digits. */
const mostCertificateChars = 160;

type Refused = Omit<RefusedClient, 'count' | 'lastMs'>;
/** The one that was refused longest ago first, as a map remembers the order of insertion. */
type Book = Map<string, RefusedClient>;

/**
 * Who was not let in lately, or was denied what it asked for, each once, so that a device that is
 * silent can be found. Devices have room of their own each: any number of invented names takes
 * nothing away from them.
 */
export class RefusalLog {
  readonly #unknown: Book = new Map();
  readonly #byDevice = new Map<string, Book>();

  note(refused: Refused, nowMs: number): void {
    const { device } = refused;
    const kept = cut(refused);
    const book = device === undefined ? this.#unknown : this.#bookOf(device);
    const key = keyOf(kept);
    const count = (book.get(key)?.count ?? 0) + 1;
    book.delete(key);
    book.set(key, { ...kept, count, lastMs: nowMs });
    dropOldest(book, device === undefined ? mostUnknown : mostPerDevice);
  }

  /** What was refused to devices before the process began, the latest first. */
  restore(refused: readonly RefusedClient[]): void {
    for (const one of refused.toReversed()) {
      const { device } = one;
      if (device !== undefined) this.#bookOf(device).set(keyOf(one), one);
    }
    for (const book of this.#byDevice.values()) dropOldest(book, mostPerDevice);
  }

  keepOnly(devices: ReadonlySet<string>): void {
    for (const device of this.#byDevice.keys()) {
      if (!devices.has(device)) this.#byDevice.delete(device);
    }
  }

  /** The latest first. */
  list(): RefusedClient[] {
    const all = [this.#unknown, ...this.#byDevice.values()];
    const listed = all.flatMap((book) => [...book.values()].toReversed());
    return listed.toSorted((a, b) => b.lastMs - a.lastMs);
  }

  #bookOf(device: string): Book {
    const book = this.#byDevice.get(device) ?? new Map<string, RefusedClient>();
    this.#byDevice.set(device, book);
    return book;
  }
}

/** The topic is the last one only: a device that makes up topics is still one entry. */
function keyOf({ address, certificate, clientId, reason, username }: Refused): string {
  return JSON.stringify([reason, username, clientId, address, certificate]);
}

function cut({ certificate, clientId, topic, username, ...rest }: Refused): Refused {
  return {
    ...rest,
    username: username?.slice(0, mostChars),
    clientId: clientId.slice(0, mostChars),
    ...(certificate !== undefined && { certificate: certificate.slice(0, mostCertificateChars) }),
    ...(topic !== undefined && { topic: topic.slice(0, mostChars) }),
  };
}

function dropOldest(book: Book, most: number): void {
  for (const key of book.keys()) {
    if (book.size <= most) return;
    book.delete(key);
  }
}
