import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';

/** Why nothing is acknowledged, and since when. */
export interface Hold {
  readonly reason: 'disk-full' | 'disk-error';
  readonly sinceMs: number;
}

/** A hold that the process before did not live to tell of. */
export interface UntoldHold extends Hold {
  /** When that process was last known to run. */
  readonly aliveMs: number;
}

const noteBytes = 256;

/**
 * While intake is held nothing can be added to the log, not even that it is held. So that the hold is
 * known of a process that ends meanwhile, it is noted in a file whose room was taken before: writing
 * over it needs none.
 */
export class HoldNote {
  readonly #path: string;
  readonly #log: Logger;
  #untold: UntoldHold | undefined;

  /** Reads what the process before left, and takes the room. */
  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
    if (existsSync(path)) this.#untold = parse(readFileSync(path, 'utf8'));
    else this.#write('');
  }

  /** Of the process before; undefined: it held nothing, or the log tells of it. */
  get untold(): UntoldHold | undefined {
    return this.#untold;
  }

  /** It holds, still: said again and again, so that it is known how long it lived. */
  held({ reason, sinceMs }: Hold, nowMs: number): void {
    const since = this.#untold?.sinceMs ?? sinceMs;
    this.#write(JSON.stringify({ reason, sinceMs: since, aliveMs: nowMs }));
  }

  /** The log tells of it, durably. */
  told(): void {
    this.#untold = undefined;
    this.#write('');
  }

  #write(text: string): void {
    try {
      const file = openSync(this.#path, existsSync(this.#path) ? 'r+' : 'w', 0o600);
      try {
        writeSync(file, text.padEnd(noteBytes), 0);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      // A hold is told when it is over in any case; one that a process does not outlive is left out.
      this.#log.warn({ reason: messageOf(error) }, 'intake.hold-not-noted');
    }
  }
}

/** What a crash of the machine left half-written says nothing. */
function parse(text: string): UntoldHold | undefined {
  try {
    const { aliveMs, reason, sinceMs } = JSON.parse(text) as Partial<UntoldHold>;
    if (reason !== 'disk-full' && reason !== 'disk-error') return undefined;
    if (!Number.isSafeInteger(sinceMs) || !Number.isSafeInteger(aliveMs)) return undefined;
    return { reason, sinceMs: Number(sinceMs), aliveMs: Number(aliveMs) };
  } catch {
    return undefined;
  }
}
