import { Fault } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { AccessStore } from './access-store.ts';
import { isRole, type Actor } from './policy.ts';
import type { RandomBytes } from './random-bytes.ts';
import { isSessionToken, newSessionToken, tokenHash } from './session-token.ts';

/** A session that holds now. `id` is the hash of its token, safe to keep but not to show. */
export interface LiveSession extends Actor {
  readonly id: string;
  /** When it ends unless it is used before: the nearer of idle and absolute limit, UTC ms. */
  readonly expiresAtMs: number;
}

export interface SessionLimits {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

const sessionLimits: SessionLimits = { idleMs: 30 * 60_000, absoluteMs: 12 * 3_600_000 };

/** A use is written down at most this often: requests must not each cost a disk write. */
const touchEveryMs = 60_000;

/** Who is signed in. Only hashes of tokens are kept. */
export class Sessions {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #limits: SessionLimits;
  readonly #listeners = new Set<(id: string) => void>();

  constructor(parts: {
    store: AccessStore;
    clock: Clock;
    random: RandomBytes;
    limits?: SessionLimits;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#limits = parts.limits ?? sessionLimits;
  }

  async open({ username, role }: Actor): Promise<{ token: string; session: LiveSession }> {
    const token = newSessionToken(this.#random);
    const id = tokenHash(token);
    const nowMs = this.#clock.nowMs();
    const endMs = nowMs + this.#limits.absoluteMs;
    const times = { created_at: nowMs, last_used_at: nowMs, expires_at: endMs };
    await this.#store.write((db) =>
      db
        .insertInto('access_session')
        .values({ token_hash: id, username, ...times })
        .execute(),
    );
    const expiresAtMs = Math.min(nowMs + this.#limits.idleMs, endMs);
    return { token, session: { id, username, role, expiresAtMs } };
  }

  /** The session of a cookie's token, if it holds; counts as a use. */
  async use(token: string): Promise<LiveSession | undefined> {
    const found = isSessionToken(token) ? await this.#find(tokenHash(token)) : undefined;
    if (found === undefined) return undefined;
    const nowMs = this.#clock.nowMs();
    const { lastUsedAtMs, ...session } = found;
    if (nowMs - lastUsedAtMs >= touchEveryMs) await this.#touch(session.id, nowMs);
    return session;
  }

  /** Whether a session holds, without using it. */
  async holds(id: string): Promise<boolean> {
    return (await this.#find(id)) !== undefined;
  }

  /** Ends a session for good, here and in the store. */
  async end(id: string): Promise<void> {
    await this.#store.write((db) =>
      db.deleteFrom('access_session').where('token_hash', '=', id).execute(),
    );
    for (const listener of this.#listeners) listener(id);
  }

  /** Deletes what has expired. */
  async prune(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const idleSinceMs = nowMs - this.#limits.idleMs;
    await this.#store.write((db) =>
      db
        .deleteFrom('access_session')
        .where((where) =>
          where.or([where('expires_at', '<=', nowMs), where('last_used_at', '<=', idleSinceMs)]),
        )
        .execute(),
    );
  }

  /** Calls back when `end` was called. @returns the way to stop that. */
  onEnded(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Where the store has no room, reading goes on: the session is only not prolonged. */
  async #touch(id: string, nowMs: number): Promise<void> {
    try {
      await this.#store.write((db) =>
        db
          .updateTable('access_session')
          .set({ last_used_at: nowMs })
          .where('token_hash', '=', id)
          .execute(),
      );
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable) throw error;
    }
  }

  async #find(id: string): Promise<(LiveSession & { lastUsedAtMs: number }) | undefined> {
    const row = await this.#store.read
      .selectFrom('access_session')
      .innerJoin('access_person', 'access_person.username', 'access_session.username')
      .select(['access_session.username', 'role', 'last_used_at', 'expires_at'])
      .where('token_hash', '=', id)
      .executeTakeFirst();
    if (row === undefined || !isRole(row.role)) return undefined;
    const { username, role, last_used_at: lastUsedAtMs } = row;
    const expiresAtMs = Math.min(lastUsedAtMs + this.#limits.idleMs, row.expires_at);
    if (this.#clock.nowMs() >= expiresAtMs) return undefined;
    return { id, username, role, expiresAtMs, lastUsedAtMs };
  }
}
