import type { ChainRefusal } from './client-chain.ts';

/** Why a client was not let in at the broker. */
export type RefusalReason =
  | 'unknown-user'
  | 'wrong-password'
  /** Not even compared: too many were wrong before. */
  | 'too-many-tries'
  | 'client-id-taken'
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
  | 'tls-failed';

export interface RefusedClient {
  readonly reason: RefusalReason;
  /** As it was given; a user name that no device has may be a mistyped password. */
  readonly username: string | undefined;
  readonly clientId: string;
  readonly address: string | undefined;
  /** The common name and the SHA-256 of the certificate that it showed. */
  readonly certificate?: string;
  readonly count: number;
  readonly lastMs: number;
}

const mostKept = 200;
const mostChars = 80;
/** A name and 64 digits. */
const mostCertificateChars = 160;

/** Who was not let in lately, each once, so that a device that is silent can be found. */
export class RefusalLog {
  readonly #byWhom = new Map<string, RefusedClient>();

  note(refused: Omit<RefusedClient, 'count' | 'lastMs'>, nowMs: number): void {
    const { address, reason } = refused;
    const username = refused.username?.slice(0, mostChars);
    const clientId = refused.clientId.slice(0, mostChars);
    const certificate = refused.certificate?.slice(0, mostCertificateChars);
    const key = JSON.stringify([reason, username, clientId, address, certificate]);
    const count = (this.#byWhom.get(key)?.count ?? 0) + 1;
    // A map remembers the order of insertion: its first key was refused longest ago.
    this.#byWhom.delete(key);
    const kept = { reason, username, clientId, address, count, lastMs: nowMs };
    this.#byWhom.set(key, certificate === undefined ? kept : { ...kept, certificate });
    if (this.#byWhom.size <= mostKept) return;
    for (const oldest of this.#byWhom.keys()) {
      this.#byWhom.delete(oldest);
      return;
    }
  }

  /** The latest first. */
  list(): RefusedClient[] {
    return [...this.#byWhom.values()].toReversed();
  }
}
