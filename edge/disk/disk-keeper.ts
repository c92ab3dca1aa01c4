import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '#contracts/time.ts';
import { roomForDays } from './buffer-forecast.ts';
import { truncateWal } from './checkpoint.ts';
import { observed, perDay, unknownRate, type DailyRate } from './daily-rate.ts';
import { bytesWritten, databasesIn, type DatabaseBytes } from './disk-files.ts';

export interface DiskKeeperOptions {
  readonly dataDir: string;
  readonly roomBytes: () => number;
  /** Parts that keep to a budget, by name: what they have now, and the most they may have. */
  readonly bounded: () => readonly BoundedPart[];
  /** Entries taken so far: few new ones mean that the gateway is idle. */
  readonly entries: () => number;
  /** Its monotonic time is used. */
  readonly clock: Clock;
  readonly log: Logger;
}

export interface BoundedPart {
  readonly name: string;
  readonly bytes: number;
  readonly budgetBytes: number;
  /** Databases whose bytes are counted with it. */
  readonly databases: readonly string[];
}

export interface DiskStatus {
  /** At the mean rate of about the last day; undefined until ten minutes are known. */
  readonly roomForDays: number | undefined;
  readonly databases: readonly DatabaseBytes[];
  /** What this process had written to storage; undefined where the system does not count it. */
  readonly writtenBytes: number | undefined;
  readonly writtenBytesPerDay: number | undefined;
}

const sampleMs = 10_000;
/** Fewer entries than this a second: nobody would notice a checkpoint. */
const idleEntriesPerSecond = 20;
/** A log that is smaller is not worth the writing. */
const idleWalBytes = 4 * 1_048_576;
/** SQLite keeps a log below 16 MiB by itself; one this large was held up by a reader. */
const largeWalBytes = 64 * 1_048_576;

/** Watches what the gateway takes of its disk, says how long room lasts, and bounds the logs. */
export class DiskKeeper {
  readonly #options: DiskKeeperOptions;
  readonly #rates = new Map<string, DailyRate>();
  readonly #bytes = new Map<string, number>();
  #written: DailyRate = unknownRate;
  #writtenBytes: number | undefined;
  #entries = 0;
  #atMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DiskKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#entries = this.#options.entries();
    this.sample();
    this.#timer = setInterval(() => this.sample(), sampleMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  status(): DiskStatus {
    const databases = databasesIn(this.#options.dataDir);
    const rates = this.#parts(databases).map(({ name, bytes, budgetBytes }) => ({
      bytesPerDay: perDay(this.#rates.get(name) ?? unknownRate),
      mostBytes: Math.max(0, budgetBytes - bytes),
    }));
    const growths = rates.flatMap(({ bytesPerDay, mostBytes }) =>
      bytesPerDay === undefined ? [] : [{ bytesPerDay, mostBytes }],
    );
    const isKnown = growths.length === rates.length;
    return {
      roomForDays: isKnown ? roomForDays(this.#options.roomBytes(), growths) : undefined,
      databases,
      writtenBytes: bytesWritten(),
      writtenBytesPerDay: this.#writtenBytes === undefined ? undefined : perDay(this.#written),
    };
  }

  /** Takes one look. */
  sample(): void {
    const { clock, dataDir, entries } = this.#options;
    const nowMs = clock.monotonicMs();
    const spanMs = nowMs - this.#atMs;
    this.#atMs = nowMs;
    const databases = databasesIn(dataDir);
    for (const { name, bytes } of this.#parts(databases)) {
      const before = this.#bytes.get(name);
      this.#bytes.set(name, bytes);
      if (before === undefined) continue;
      const grown = Math.max(0, bytes - before);
      this.#rates.set(name, observed(this.#rates.get(name) ?? unknownRate, grown, spanMs));
    }
    const written = bytesWritten();
    if (written !== undefined && this.#writtenBytes !== undefined) {
      this.#written = observed(this.#written, Math.max(0, written - this.#writtenBytes), spanMs);
    }
    this.#writtenBytes = written;
    const taken = entries() - this.#entries;
    this.#entries += taken;
    this.#checkpoint(databases, taken < (idleEntriesPerSecond * sampleMs) / 1000);
  }

  /** All that grows: parts with a budget, and the databases that no part counts. */
  #parts(databases: readonly DatabaseBytes[]): Omit<BoundedPart, 'databases'>[] {
    const bounded = this.#options.bounded();
    const counted = new Set(bounded.flatMap((part) => part.databases));
    const others = databases.filter(({ name }) => !counted.has(name));
    return [
      ...bounded,
      ...others.map(({ name, bytes }) => ({ name, bytes, budgetBytes: Infinity })),
    ];
  }

  #checkpoint(databases: readonly DatabaseBytes[], isIdle: boolean): void {
    const { dataDir, log } = this.#options;
    for (const { name, walBytes } of databases) {
      if (walBytes < (isIdle ? idleWalBytes : largeWalBytes)) continue;
      const wasCut = truncateWal(join(dataDir, `${name}.db`));
      if (!wasCut && walBytes >= largeWalBytes) {
        log.warn({ database: name, walBytes }, 'disk.wal-large');
      }
    }
  }
}
