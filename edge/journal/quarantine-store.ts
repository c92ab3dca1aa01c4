import type { QuarantineReason } from '../../devices/profile.ts';
import type { Sqlite } from './open-database.ts';

export interface QuarantineRow {
  readonly pos: number;
  readonly device: string;
  readonly channel: string;
  readonly reason: QuarantineReason;
  readonly detail: string;
  readonly bytes: number;
  readonly sha256: string;
  /** At most the first 4 KiB. */
  readonly head: Uint8Array;
  readonly receivedAtMs: number;
}

/** As it is kept; later ones have higher ids. */
export interface KeptQuarantineRow extends QuarantineRow {
  readonly id: number;
}

export interface QuarantineStore {
  /** Within the caller's transaction; who rolls that back calls `forget`. */
  add(row: QuarantineRow): void;
  forget(): void;
  count(): number;
  /** The latest first; only ids below `beforeId`, where one is given. */
  recent(device: string | undefined, limit: number, beforeId?: number): KeptQuarantineRow[];
}

/** The columns of `quarantine`, named as the rest of the code names them. */
const columns =
  'id, pos, device, channel, reason, detail, bytes, sha256, head, received_at AS receivedAtMs';

/**
 * What could not be used, `maxRows` in all. Where that is reached, the device with the most rows
 * gives up its oldest: a noisy one pushes out its own, and nothing of those that say little.
 */
export function createQuarantineStore(db: Sqlite, maxRows: number): QuarantineStore {
  const insert = db.prepare('INSERT INTO quarantine VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const dropOldest = db.prepare(
    'DELETE FROM quarantine WHERE id = (SELECT min(id) FROM quarantine WHERE device = ?)',
  );
  const byDevice = db.prepare<[], { device: string; n: number }>(
    'SELECT device, count(*) AS n FROM quarantine GROUP BY device',
  );
  const total = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM quarantine');
  const all = db.prepare<[number, number], KeptQuarantineRow>(
    `SELECT ${columns} FROM quarantine WHERE id < ? ORDER BY id DESC LIMIT ?`,
  );
  const ofDevice = db.prepare<[string, number, number], KeptQuarantineRow>(
    `SELECT ${columns} FROM quarantine WHERE device = ? AND id < ? ORDER BY id DESC LIMIT ?`,
  );
  let shares: Shares | undefined;

  return {
    add(row) {
      shares ??= new Shares(byDevice.all());
      const { pos, device, channel, reason, detail, bytes, sha256, head, receivedAtMs } = row;
      insert.run(pos, device, channel, reason, detail, bytes, sha256, head, receivedAtMs);
      shares.grow(device, 1);
      while (shares.total > maxRows) {
        const largest = shares.largest(device);
        dropOldest.run(largest);
        shares.grow(largest, -1);
      }
    },
    forget() {
      shares = undefined;
    },
    count: () => total.get()?.n ?? 0,
    recent: (device, limit, beforeId = Number.MAX_SAFE_INTEGER) =>
      device === undefined ? all.all(beforeId, limit) : ofDevice.all(device, beforeId, limit),
  };
}

/** How many rows each device has. */
class Shares {
  readonly #rows: Map<string, number>;
  total: number;

  constructor(rows: readonly { readonly device: string; readonly n: number }[]) {
    this.#rows = new Map(rows.map(({ device, n }) => [device, n]));
    this.total = rows.reduce((sum, { n }) => sum + n, 0);
  }

  grow(device: string, by: number): void {
    const rows = (this.#rows.get(device) ?? 0) + by;
    if (rows > 0) this.#rows.set(device, rows);
    else this.#rows.delete(device);
    this.total += by;
  }

  /** Of several with equally many, the one that just spoke. */
  largest(speaker: string): string {
    let [found, most] = [speaker, this.#rows.get(speaker) ?? 0];
    for (const [device, rows] of this.#rows) if (rows > most) [found, most] = [device, rows];
    return found;
  }
}
