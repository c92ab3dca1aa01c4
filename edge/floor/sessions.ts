import { createHash } from 'node:crypto';
import type { SitePerson } from '#contracts/people.ts';
import type { Clock } from '#contracts/time.ts';
import type { RandomBytes } from './password-hash.ts';
import type { People } from './people.ts';
import type { KeptSessions } from './session-file.ts';

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
  /** Hash of the stored password: another one ends what was opened with the former. */
  readonly passwordMark: string;
  readonly endMs: number;
  usedAtMs: number;
}

/** A tablet that is left alone, and a shift. */
const idleMs = 60 * 60_000;
const longestMs = 12 * 3_600_000;
const mostSessions = 500;
/** A use is worth a write to disk this long after the one before. */
const useNotedMs = 5 * 60_000;
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/**
 * Who is signed in at this gateway. A session holds as long as its person's rights and password do,
 * over a restart of the gateway too.
 */
export class Sessions {
  readonly #people: People;
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  /** By the hash of the token; the least recently used first. */
  readonly #kept = new Map<string, Kept>();
  /** Told when there is something to keep. */
  changed: () => void = () => {};
  #notedMs = 0;

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
      passwordMark: hashOf(passwordHash),
      endMs: nowMs + longestMs,
      usedAtMs: nowMs,
    });
    this.changed();
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
    const usedAtMs = this.#clock.nowMs();
    this.#kept.delete(id);
    this.#kept.set(id, { ...kept, usedAtMs });
    if (usedAtMs - this.#notedMs >= useNotedMs) {
      this.#notedMs = usedAtMs;
      this.changed();
    }
    return this.find(id);
  }

  /** The session of a cookie's token, if it holds; no use of it. */
  look(token: string): LiveSession | undefined {
    return tokenShape.test(token) ? this.find(hashOf(token)) : undefined;
  }

  /** A session that holds, without using it. */
  find(id: string): LiveSession | undefined {
    const kept = this.#kept.get(id);
    const person = kept && this.#people.inForce(kept.personId);
    if (kept === undefined || person === undefined) return undefined;
    if (hashOf(person.passwordHash) !== kept.passwordMark) return undefined;
    const expiresAtMs = Math.min(kept.usedAtMs + idleMs, kept.endMs, person.credentialUntilMs);
    return this.#clock.nowMs() < expiresAtMs ? { id, person, expiresAtMs } : undefined;
  }

  end(id: string): void {
    if (this.#kept.delete(id)) this.changed();
  }

  /** Those that hold, for a file. */
  toKeep(): KeptSessions['sessions'] {
    return [...this.#kept]
      .filter(([id]) => this.find(id) !== undefined)
      .map(([id, { personId: person, ...rest }]) => ({ id, person, ...rest }));
  }

  resume(kept: KeptSessions['sessions']): void {
    for (const { id, person: personId, ...rest } of kept) this.#kept.set(id, { personId, ...rest });
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
