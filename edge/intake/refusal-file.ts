import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import Type from 'typebox';
import { messageOf } from '#contracts/fault.ts';
import { closed, epochMs, name } from '#contracts/schema.ts';
import { validate } from '#contracts/validate.ts';
import { writeFileDurably } from '../journal/durable-file.ts';
import { refusalAdvice } from './refusal-advice.ts';
import type { RefusalLog, RefusalReason, RefusedClient } from './refusal-log.ts';

const mostKept = 500;
/** However much is refused: a write each ten minutes, which no flash disk minds. */
const writeEveryMs = 600_000;

const text = Type.String({ maxLength: 200 });
const kept = closed({
  v: Type.Literal(1),
  refused: Type.Array(
    closed({
      reason: text,
      device: name,
      username: Type.Optional(text),
      clientId: text,
      address: Type.Optional(text),
      certificate: Type.Optional(text),
      topic: Type.Optional(text),
      count: Type.Integer({ minimum: 1 }),
      lastMs: epochMs,
    }),
    { maxItems: mostKept },
  ),
});

/** Where it lies. */
export function refusalsFileOf(dataDir: string): string {
  return join(dataDir, 'refusals.json');
}

/**
 * What was refused to devices, over restarts. Callers that are no devices are not kept: anybody can
 * make them up. A file that cannot be read or written costs nothing but this memory.
 */
export class RefusalFile {
  readonly #path: string;
  readonly #log: Logger;
  #written = '';
  #writtenMs = Number.NEGATIVE_INFINITY;

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  readInto(refusals: RefusalLog): void {
    this.#written = textOf(refusals);
    if (!existsSync(this.#path)) return;
    try {
      const read = validate(kept, JSON.parse(readFileSync(this.#path, 'utf8')));
      if (!read.ok) {
        this.#log.warn({ reason: read.refusal.message }, 'broker.refusals-unreadable');
        return;
      }
      refusals.restore(read.value.refused.flatMap(asRefused));
      this.#written = textOf(refusals);
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, 'broker.refusals-unreadable');
    }
  }

  /** To be called now and then. @param monotonicMs undefined for the last time: it is written */
  write(refusals: RefusalLog, monotonicMs: number | undefined): void {
    if ((monotonicMs ?? Number.POSITIVE_INFINITY) - this.#writtenMs < writeEveryMs) return;
    const now = textOf(refusals);
    if (now === this.#written) return;
    try {
      writeFileDurably(this.#path, now, 0o600);
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, 'broker.refusals-unwritten');
    }
    this.#written = now;
    this.#writtenMs = monotonicMs ?? this.#writtenMs;
  }
}

function textOf(refusals: RefusalLog): string {
  const known = refusals.list().filter(({ device }) => device !== undefined);
  return JSON.stringify({ v: 1, refused: known.slice(0, mostKept) });
}

/** A reason of another release says nothing here. */
function asRefused(one: { readonly reason: string } & Omit<Partial<RefusedClient>, 'reason'>) {
  const { clientId = '', count = 1, lastMs = 0, reason, username, address, ...rest } = one;
  if (!Object.hasOwn(refusalAdvice, reason)) return [];
  const known = reason as RefusalReason;
  return [{ ...rest, reason: known, username, clientId, address, count, lastMs }];
}
