import type { Logger } from 'pino';
import type { StuckLane } from '#contracts/api/fleet-api.ts';
import { Fault } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { Changes } from '../projections/changes.ts';
import type { LaneBook } from './lane-book.ts';

const firstRetryMs = 2_000;
const longestRetryMs = 60_000;

interface Stuck extends StuckLane {
  readonly epoch: number | undefined;
  readonly failures: number;
  /** On the monotonic clock. */
  readonly retryAtMs: number;
}

/**
 * Lanes on whose next events our own code fails, so that somebody can see which, where and since
 * when. Until its next try nothing of such a lane is looked at: its gateway keeps everything and
 * sends it again. Known in memory alone, because after a restart, which may have brought a mended
 * hub, the first try says how it is.
 */
export class StuckLanes {
  readonly #book: Pick<LaneBook, 'lane' | 'gateway'>;
  readonly #changes: Pick<Changes, 'emit'>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #stuck = new Map<string, Stuck>();

  constructor(parts: {
    book: Pick<LaneBook, 'lane' | 'gateway'>;
    changes: Pick<Changes, 'emit'>;
    clock: Clock;
    log: Logger;
  }) {
    this.#book = parts.book;
    this.#changes = parts.changes;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** The next events of a lane were tried and failed. Logged once for each place and code. */
  failed(gateway: string, error: unknown): void {
    const lane = this.#book.lane(gateway);
    const place = { epoch: lane?.epoch, seq: (lane?.committed ?? 0) + 1 };
    const code = error instanceof Fault ? error.code : 'INTERNAL';
    const known = this.#stuck.get(gateway);
    const before = known?.epoch === place.epoch && known?.seq === place.seq ? known : undefined;
    const failures = (before?.failures ?? 0) + 1;
    const waitMs = Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs);
    this.#stuck.set(gateway, {
      ...place,
      code,
      sinceMs: before?.sinceMs ?? this.#clock.nowMs(),
      failures,
      retryAtMs: this.#clock.monotonicMs() + waitMs,
    });
    if (before?.code === code) return;
    this.#log.error({ err: error, gateway, ...place, code }, 'lane.stuck');
    this.#tell(gateway);
  }

  /** Whether it is too soon to try a lane again. */
  waits(gateway: string): boolean {
    const stuck = this.#stuck.get(gateway);
    return stuck !== undefined && this.#clock.monotonicMs() < stuck.retryAtMs;
  }

  /** After a commit: forgets the lanes that went on. */
  settle(): void {
    for (const [gateway, stuck] of this.#stuck) {
      if (this.#stands(gateway, stuck)) continue;
      this.#stuck.delete(gateway);
      const { epoch, seq, code, sinceMs } = stuck;
      this.#log.info({ gateway, epoch, seq, code, sinceMs }, 'lane.unstuck');
      this.#tell(gateway);
    }
  }

  /** @returns undefined for a lane that goes on. */
  of(gateway: string): StuckLane | undefined {
    const stuck = this.#stuck.get(gateway);
    if (stuck === undefined || !this.#stands(gateway, stuck)) return undefined;
    const { code, seq, sinceMs } = stuck;
    return { code, seq, sinceMs };
  }

  /** A lane that moved, began a new epoch or was halted has got past the place. */
  #stands(gateway: string, { epoch, seq }: Stuck): boolean {
    const lane = this.#book.lane(gateway);
    if (lane === undefined) return epoch === undefined;
    return lane.epoch === epoch && lane.committed < seq && !lane.halted;
  }

  #tell(gateway: string): void {
    const site = this.#book.gateway(gateway)?.site;
    if (site !== undefined) this.#changes.emit({ topic: 'fleet', sites: [site] });
  }
}
