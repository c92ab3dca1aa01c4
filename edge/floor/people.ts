import { statSync } from 'node:fs';
import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import type { SitePerson } from '#contracts/people.ts';
import { rightsRememberedMs } from '#contracts/remembered.ts';
import type { Clock } from '#contracts/time.ts';
import { readPeople, usernameKey } from './people-file.ts';

export interface PeopleOptions {
  /** The list that counts now. */
  readonly file: () => string;
  readonly site: string;
  /** Trusted time. */
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * A person had no rights from that time on, or until they were let in again: each is said once in
   * a process, and may be known.
   */
  readonly revoked: (person: string, revokedAtMs: number, untilMs: number | undefined) => void;
}

const lookEveryMs = 2_000;

/**
 * The people of the site, as the list says now, the hub's or the gateway's own: a change takes effect
 * within seconds, also an end of rights that happened a while ago. A file that cannot be read leaves
 * the former list in force.
 */
export class People {
  readonly #options: PeopleOptions;
  #byId: ReadonlyMap<string, SitePerson> = new Map();
  #byUsername: ReadonlyMap<string, SitePerson> = new Map();
  /** Of the file as it was read last. */
  #mark = '';
  #trouble: string | undefined;
  /** `person from to` of what was told. */
  readonly #told = new Set<string>();
  #looking: NodeJS.Timeout | undefined;

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  /** Why the list is none, or not the newest. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  start(): void {
    this.look();
    this.#looking ??= setInterval(() => this.look(), lookEveryMs);
  }

  stop(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  named(username: string): SitePerson | undefined {
    return this.#byUsername.get(usernameKey(username));
  }

  /** Whoever is on the list, with rights or without. */
  withId(id: string): SitePerson | undefined {
    return this.#byId.get(id);
  }

  /** One whose rights hold now. */
  inForce(id: string): SitePerson | undefined {
    const person = this.#byId.get(id);
    return person !== undefined && whyNot(person, this.#options.clock.nowMs()) === undefined
      ? person
      : undefined;
  }

  /** Reads the file again if it is another one. */
  look(): void {
    const file = this.#options.file();
    const mark = `${file} ${markOf(file)}`;
    if (mark !== this.#mark) this.#read(file, mark);
    this.#tellRevoked();
  }

  #read(file: string, mark: string): void {
    const { site, log } = this.#options;
    this.#mark = mark;
    try {
      const { people, version } = readPeople(file, site);
      this.#byId = new Map(people.map((person) => [person.id, person]));
      this.#byUsername = new Map(people.map((person) => [usernameKey(person.username), person]));
      this.#trouble = undefined;
      log.info({ people: people.length, version }, 'people.read');
    } catch (error) {
      this.#trouble = messageOf(error);
      log.error({ reason: this.#trouble }, 'people.unreadable');
    }
  }

  #tellRevoked(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const { id, revokedAtMs, revokedBefore = [] } of this.#byId.values()) {
      // The last one first: what the gateway has as going on ended with that.
      for (const { fromMs, toMs } of revokedBefore.toSorted((a, b) => b.fromMs - a.fromMs)) {
        this.#tell(id, fromMs, toMs, nowMs);
      }
      if (revokedAtMs !== undefined) this.#tell(id, revokedAtMs, undefined, nowMs);
    }
  }

  #tell(id: string, fromMs: number, toMs: number | undefined, nowMs: number): void {
    if (fromMs > nowMs || nowMs - (toMs ?? nowMs) > rightsRememberedMs) return;
    const key = `${id} ${fromMs} ${toMs ?? ''}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#options.revoked(id, fromMs, toMs);
  }
}

/** Why a person may not even sign in. */
export function whyNot(person: SitePerson, nowMs: number): 'revoked' | 'expired' | undefined {
  if (person.revokedAtMs !== undefined && person.revokedAtMs <= nowMs) return 'revoked';
  return nowMs >= person.credentialUntilMs ? 'expired' : undefined;
}

/** The inode tells apart what was put in its place within the resolution of times. */
function markOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
}
