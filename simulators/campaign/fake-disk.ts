import type { Random } from '../prng.ts';

/** What may go wrong at one operation. */
export type DiskFault =
  /** The process dies: before the operation, or when it is done. */
  | 'kill-before'
  | 'kill-after'
  /** The power fails: what was not synced may be gone, wholly or in part. */
  | 'power-before'
  | 'power-after'
  /** The operation fails, and so may what it was about; a second try seems to work. */
  | 'io-error'
  | 'slow';

export interface DiskOperation {
  /** Counts all operations of this disk, over every life of its machine. */
  readonly number: number;
  readonly type: 'write' | 'sync';
  readonly file: string;
}

/** What the disk asks and tells. */
export interface DiskWorld {
  /** The fault that is planned for an operation. */
  faultAt(operation: DiskOperation): DiskFault | undefined;
  killed(): void;
  powerCut(): void;
  slowed(): void;
}

/** Thrown where a machine died: nothing that runs afterwards reaches anybody. */
export class Died extends Error {}

/** As SQLite throws it. */
export class DiskError extends Error {
  readonly code: string;

  constructor(code: 'SQLITE_FULL' | 'SQLITE_IOERR_FSYNC' | 'SQLITE_IOERR_WRITE') {
    super(`injected ${code}`);
    this.code = code;
  }
}

interface Written {
  readonly record: unknown;
  /** The kernel gave it up after a failed sync: it is read until the power fails, and gone then. */
  doomed: boolean;
}

interface FileContent {
  readonly written: Written[];
  /** So many of them are on the platter. */
  synced: number;
}

/** What a process does with its disk; after its end it does nothing any more. */
export interface MountedDisk {
  readonly isFull: boolean;
  /** What a file holds, as the process sees it. */
  read(file: string): unknown[];
  /** Appends a record; durable after the next `sync`. */
  write(file: string, record: unknown): void;
  sync(file: string): void;
  /** Makes durable what the process sees, as every store does when it is opened. */
  settle(file: string): void;
}

/**
 * A disk that keeps records in files. A record is whole or not at all, as a database's commit is
 * that is protected by checksums; between `write` and `sync` it is in the kernel's memory only: a
 * killed process leaves it there, and a power cut takes any part of the tail.
 */
export class FakeDisk {
  readonly #world: DiskWorld;
  readonly #random: Random;
  readonly #files = new Map<string, FileContent>();
  #operations = 0;
  #lives = 0;
  isFull = false;

  constructor(world: DiskWorld, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  get operations(): number {
    return this.#operations;
  }

  /** For a process that starts: whatever had the disk before has it no more. */
  mount(): MountedDisk {
    this.#lives += 1;
    const life = this.#lives;
    const here = () => {
      if (life !== this.#lives) throw new Died();
      return this;
    };
    return {
      get isFull() {
        return here().isFull;
      },
      read: (file) => here().#read(file),
      write: (file, record) => here().#write(file, record),
      sync: (file) => here().#sync(file),
      settle: (file) => here().#settle(file),
    };
  }

  unmount(): void {
    this.#lives += 1;
  }

  #read(file: string): unknown[] {
    return this.#content(file).written.map(({ record }) => record);
  }

  /** What a power cut would leave of a file, whatever happens, the last first. */
  *durable(file: string): Generator {
    const { written, synced } = this.#content(file);
    for (let at = synced - 1; at >= 0; at -= 1) yield written[at]?.record;
  }

  #write(file: string, record: unknown): void {
    this.#operation('write', file, () => {
      if (this.isFull) throw new DiskError('SQLITE_FULL');
      this.#content(file).written.push({ record, doomed: false });
    });
  }

  #sync(file: string): void {
    const content = this.#content(file);
    this.#operation('sync', file, () => {
      content.synced = content.written.length;
    });
  }

  /** What lies in the kernel's memory alone is written anew, where there is room. */
  #settle(file: string): void {
    const content = this.#content(file);
    const isSettled = content.synced === content.written.length;
    if (isSettled && !content.written.some(({ doomed }) => doomed)) return;
    this.#operation('sync', file, () => {
      content.synced = content.written.length;
      if (!this.isFull) for (const written of content.written) written.doomed = false;
    });
  }

  /** Forgets the first records of a file, as of those that were trimmed. */
  drop(file: string, count: number): void {
    const content = this.#content(file);
    const dropped = Math.min(count, content.synced);
    content.written.splice(0, dropped);
    content.synced -= dropped;
  }

  /** Of each file any part of what was not synced is gone, and all behind it. */
  cutPower(): void {
    for (const content of this.#files.values()) {
      const tail = content.written.length - content.synced;
      const kept = content.synced + (tail === 0 ? 0 : this.#random.below(tail + 1));
      const lost = content.written.findIndex(({ doomed }) => doomed);
      content.written.length = lost < 0 ? kept : Math.min(kept, lost);
      content.synced = content.written.length;
    }
  }

  /** A backup: everything as it is synced now. */
  backup(): ReadonlyMap<string, readonly unknown[]> {
    const copies = [...this.#files].map(
      ([file, { written, synced }]) =>
        [file, written.slice(0, synced).map(({ record }) => record)] as const,
    );
    return new Map(copies);
  }

  /** Puts a backup in the place of everything, or of some files. */
  restore(backup: ReadonlyMap<string, readonly unknown[]>, files = [...this.#files.keys()]): void {
    for (const file of files) {
      const written = (backup.get(file) ?? []).map((record) => ({ record, doomed: false }));
      this.#files.set(file, { written, synced: written.length });
    }
  }

  #operation(type: DiskOperation['type'], file: string, carryOut: () => void): void {
    this.#operations += 1;
    const fault = this.#world.faultAt({ number: this.#operations, type, file });
    switch (fault) {
      case 'kill-before':
        this.#world.killed();
        throw new Died();
      case 'power-before':
        this.#world.powerCut();
        throw new Died();
      case 'io-error':
        this.#fail(type, file, carryOut);
        throw new DiskError(type === 'sync' ? 'SQLITE_IOERR_FSYNC' : 'SQLITE_IOERR_WRITE');
      case 'slow':
        this.#world.slowed();
        break;
      default:
    }
    carryOut();
    if (fault !== 'kill-after' && fault !== 'power-after') return;
    if (fault === 'kill-after') this.#world.killed();
    else this.#world.powerCut();
    throw new Died();
  }

  /**
   * What a failed operation was about may be there or not, for whoever opens the file again; after a
   * failed sync it only looks as if it were.
   */
  #fail(type: DiskOperation['type'], file: string, carryOut: () => void): void {
    if (type === 'write') {
      if (this.#random.chance(0.5)) carryOut();
      return;
    }
    const content = this.#content(file);
    if (this.#random.chance(0.5)) content.written.length = content.synced;
    for (const written of content.written.slice(content.synced)) written.doomed = true;
  }

  #content(file: string): FileContent {
    let content = this.#files.get(file);
    if (content === undefined) {
      content = { written: [], synced: 0 };
      this.#files.set(file, content);
    }
    return content;
  }
}
