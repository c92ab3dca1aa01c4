import type { Logger } from 'pino';
import type { Ballast } from '../journal/ballast.ts';

const checkEveryMs = 2_000;

export interface BallastKeeperOptions {
  readonly ballast: Ballast;
  readonly freeBytes: () => number;
  readonly disk: { readonly floorBytes: number; readonly reserveBytes: number };
  readonly log: Logger;
}

/** Takes the journal's room again, but only when that leaves devices theirs. */
export class BallastKeeper {
  readonly #options: BallastKeeperOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BallastKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#check();
    this.#timer = setInterval(() => this.#check(), checkEveryMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { ballast, disk, freeBytes, log } = this.#options;
    const { floorBytes, reserveBytes } = disk;
    if (ballast.held || freeBytes() < floorBytes) return;
    void ballast.take().then((held) => {
      if (held) log.info({ reserveBytes }, 'journal.room-reserved');
    });
  }
}
