/** Why a client was not let in at the broker. */
export type RefusalReason =
  | 'unknown-user'
  | 'wrong-password'
  /** Not even compared: too many were wrong before. */
  | 'too-many-tries'
  | 'client-id-taken'
  | 'mqtt5';

export interface RefusedClient {
  readonly reason: RefusalReason;
  /** As it was given; a user name that no device has may be a mistyped password. */
  readonly username: string | undefined;
  readonly clientId: string;
  readonly address: string | undefined;
  readonly count: number;
  readonly lastMs: number;
}

const mostKept = 200;
const mostChars = 80;

/** Who was not let in lately, each once, so that a device that is silent can be found. */
export class RefusalLog {
  readonly #byWhom = new Map<string, RefusedClient>();

  note(refused: Omit<RefusedClient, 'count' | 'lastMs'>, nowMs: number): void {
    const { address, reason } = refused;
    const username = refused.username?.slice(0, mostChars);
    const clientId = refused.clientId.slice(0, mostChars);
    const key = JSON.stringify([reason, username, clientId, address]);
    const count = (this.#byWhom.get(key)?.count ?? 0) + 1;
    // A map remembers the order of insertion: its first key was refused longest ago.
    this.#byWhom.delete(key);
    this.#byWhom.set(key, { reason, username, clientId, address, count, lastMs: nowMs });
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
