import { createHash } from 'node:crypto';
import type { SitePerson } from '#contracts/people.ts';
import type { Clock } from '#contracts/time.ts';
import type { RandomBytes } from './password-hash.ts';
import type { People } from './people.ts';

/** A session that holds now. */
export interface LiveSession {
  /** Hash of its token: safe to keep, not to show. */
  readonly id: string;
  readonly person: SitePerson;
  /** When it ends unless it is used before. */
  readonly expiresAtMs: number;
}

interface Kept {
  readonly personId: string;
  /** Another password ends what was opened with the former one. */
  readonly passwordHash: string;
  readonly endMs: number;
  usedAtMs: number;
}

/** A tablet that is left alone, and a shift. */
const idleMs = 60 * 60_000;
const longestMs = 12 * 3_600_000;
const mostSessions = 500;
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/**
 * Who is signed in at this gateway: in memory, so that a restart asks everybody again. A session
 * holds as long as its person's rights and password do.
 */
export class Sessions {
  readonly #people: People;
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  /** By the hash of the token; the least recently used first. */
  readonly #kept = new Map<string, Kept>();

  constructor(people: People, clock: Clock, random: RandomBytes) {
    this.#people = people;
    this.#clock = clock;
    this.#random = random;
  }

  open({ id: personId, passwordHash }: SitePerson): string {
    const token = Buffer.from(this.#random(32)).toString('base64url');
    const nowMs = this.#clock.nowMs();
    this.#kept.set(hashOf(token), {
      personId,
      passwordHash,
      endMs: nowMs + longestMs,
      usedAtMs: nowMs,
    });
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= mostSessions && this.find(id) !== undefined) break;
      this.#kept.delete(id);
    }
    return token;
  }

  /** The session of a cookie's token, if it holds; counts as a use. */
  use(token: string): LiveSession | undefined {
    if (!tokenShape.test(token)) return undefined;
    const id = hashOf(token);
    if (this.find(id) === undefined) {
      this.#kept.delete(id);
      return undefined;
    }
    const kept = this.#kept.get(id);
    if (kept === undefined) return undefined;
    this.#kept.delete(id);
    this.#kept.set(id, { ...kept, usedAtMs: this.#clock.nowMs() });
    return this.find(id);
  }

  /** A session that holds, without using it. */
  find(id: string): LiveSession | undefined {
    const kept = this.#kept.get(id);
    const person = kept && this.#people.inForce(kept.personId);
    if (kept === undefined || person?.passwordHash !== kept.passwordHash) return undefined;
    const expiresAtMs = Math.min(kept.usedAtMs + idleMs, kept.endMs, person.credentialUntilMs);
    return this.#clock.nowMs() < expiresAtMs ? { id, person, expiresAtMs } : undefined;
  }

  end(id: string): void {
    this.#kept.delete(id);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
