import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { DownlinkBook } from './downlink-book.ts';

const lookEveryMs = 1_000;
/** A nudge is lost when nobody listens. */
const againAfterMs = 15_000;

export interface NudgerParts {
  readonly book: Pick<DownlinkBook, 'waiting'>;
  readonly nudge: (gateway: string, latest: number) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Tells gateways that something waits for them, whichever process wrote it. */
export class Nudger {
  readonly #parts: NudgerParts;
  readonly #nudged = new Map<string, { readonly latest: number; readonly atMs: number }>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(parts: NudgerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), lookEveryMs);
  }

  /** At once, unless it is looking already. */
  look(): void {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { book, clock, log, nudge } = this.#parts;
    try {
      const nowMs = clock.monotonicMs();
      for (const { gateway, latest } of await book.waiting()) {
        const last = this.#nudged.get(gateway);
        if (last?.latest === latest && nowMs - last.atMs < againAfterMs) continue;
        this.#nudged.set(gateway, { latest, atMs: nowMs });
        nudge(gateway, latest);
      }
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'downlink.not-read');
    }
  }
}
