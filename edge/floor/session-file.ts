import { existsSync, readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import Type from 'typebox';
import type { Static } from 'typebox';
import { messageOf } from '#contracts/fault.ts';
import { personId } from '#contracts/goods.ts';
import { closed, epochMs, name } from '#contracts/schema.ts';
import { validate } from '#contracts/validate.ts';
import { writeFileDurably } from '../journal/durable-file.ts';

const keptSessions = closed({
  v: Type.Literal(1),
  sessions: Type.Array(
    closed({
      /** Hash of the token: nobody can sign in with it. */
      id: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      person: personId,
      /** Hash of the stored password: another one ends the session. */
      passwordMark: Type.String({ pattern: '^[0-9a-f]{64}$' }),
      endMs: epochMs,
      usedAtMs: epochMs,
    }),
    { maxItems: 1000 },
  ),
  /** Who is to count a zone, and is shown no quantity of it until then. */
  covers: Type.Array(closed({ person: personId, zone: name, untilMs: epochMs }), {
    maxItems: 5000,
  }),
});
export type KeptSessions = Static<typeof keptSessions>;

const noneKept: KeptSessions = { v: 1, sessions: [], covers: [] };

/**
 * What outlives a restart of the gateway, so that it asks nobody to sign in again: no token, no
 * password, no name. A file that cannot be read or written only means that people sign in anew.
 */
export class SessionFile {
  readonly #path: string;
  readonly #log: Logger;

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  read(): KeptSessions {
    if (!existsSync(this.#path)) return noneKept;
    try {
      const value: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      const read = validate(keptSessions, value);
      if (read.ok) return read.value;
      this.#log.warn({ reason: read.refusal.message }, 'floor.sessions-unreadable');
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, 'floor.sessions-unreadable');
    }
    return noneKept;
  }

  write(kept: KeptSessions): void {
    try {
      writeFileDurably(this.#path, JSON.stringify(kept), 0o600);
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, 'floor.sessions-unwritten');
    }
  }
}
