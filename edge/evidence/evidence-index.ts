import { join } from 'node:path';
import type { EvidenceNotice } from '#contracts/evidence.ts';
import { openDatabase, type Sqlite } from '../journal/open-database.ts';
import type { SegmentFacts } from './segment-cutter.ts';

/** One script per version of `evidence.db`; a released script never changes. */
const indexMigrations: readonly string[] = [
  `
  CREATE TABLE segment (
    segment INTEGER PRIMARY KEY,
    first_pos INTEGER NOT NULL,
    last_pos INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    leaves INTEGER NOT NULL,
    root TEXT NOT NULL,
    file_bytes INTEGER NOT NULL,
    kept_leaves INTEGER NOT NULL,
    held_until INTEGER NOT NULL,
    pruned_at INTEGER
  ) STRICT;
  CREATE INDEX segment_pos ON segment (last_pos);

  CREATE TABLE pin (
    pos INTEGER NOT NULL,
    device TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (pos, device)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pin_until ON pin (until_ms);

  CREATE TABLE notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL
  ) STRICT;

  CREATE TABLE mark (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
];

/** A segment as the index has it. Its root stays when the file is gone. */
export interface SegmentRow extends SegmentFacts {
  readonly segment: number;
  /** 0 where there is no file: pruned, or missing when `prunedAtMs` is null. */
  readonly fileBytes: number;
  readonly keptLeaves: number;
  /** Until then pruning could free nothing of it. */
  readonly heldUntilMs: number;
  readonly prunedAtMs: number | null;
}

/** What stands behind a posting or an excursion; times are those of receipt. */
export interface Pin {
  readonly pos: number;
  /** Empty where the event names no device. */
  readonly device: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly untilMs: number;
}

/** A notice that is not in the intake log yet. */
export interface WaitingNotice {
  readonly id: number;
  readonly notice: EvidenceNotice;
}

/** `next-pos`: where the next segment begins; the others say how far pins were drawn. */
export type IndexMark = 'next-pos' | 'journal-epoch' | 'journal-seq';

const segmentColumns = `segment, first_pos AS firstPos, last_pos AS lastPos, first_ms AS firstMs,
  last_ms AS lastMs, entries, bytes, leaves, root, file_bytes AS fileBytes,
  kept_leaves AS keptLeaves, held_until AS heldUntilMs, pruned_at AS prunedAtMs`;
const pinColumns = 'pos, device, from_ms AS fromMs, to_ms AS toMs, until_ms AS untilMs';

export type EvidenceIndex = ReturnType<typeof openEvidenceIndex>;

/** The index of segments, pins and waiting notices. @throws Fault as `openDatabase`. */
export function openEvidenceIndex(dataDir: string, mode: 'write' | 'read' = 'write') {
  const db = openDatabase(join(dataDir, 'evidence.db'), indexMigrations, mode);
  return { ...segmentsOf(db), ...pinsOf(db), ...noticesOf(db), ...marksOf(db), ...wholeOf(db) };
}

function segmentsOf(db: Sqlite) {
  const put = db.prepare(
    `INSERT OR REPLACE INTO segment VALUES (@segment, @firstPos, @lastPos, @firstMs, @lastMs,
       @entries, @bytes, @leaves, @root, @fileBytes, @keptLeaves, @heldUntilMs, @prunedAtMs)`,
  );
  const one = db.prepare<[number], SegmentRow>(
    `SELECT ${segmentColumns} FROM segment WHERE segment = ?`,
  );
  const newest = db.prepare<[], SegmentRow>(
    `SELECT ${segmentColumns} FROM segment ORDER BY segment DESC LIMIT 1`,
  );
  const holding = db.prepare<[number, number], SegmentRow>(
    `SELECT ${segmentColumns} FROM segment WHERE last_pos >= ? AND first_pos <= ?
     ORDER BY last_pos LIMIT 1`,
  );
  const within = db.prepare<[number, number], SegmentRow>(
    `SELECT ${segmentColumns} FROM segment WHERE last_ms >= ? AND first_ms <= ? AND file_bytes > 0
     ORDER BY segment DESC LIMIT 64`,
  );
  const prunable = db.prepare<[number, number], SegmentRow>(
    `SELECT ${segmentColumns} FROM segment WHERE file_bytes > 0 AND held_until <= ?
     AND last_pos <= ? ORDER BY segment LIMIT 1`,
  );
  const oldestHeld = db.prepare<[number], SegmentRow>(
    `SELECT ${segmentColumns} FROM segment WHERE file_bytes > 0 AND last_pos <= ?
     ORDER BY segment LIMIT 1`,
  );
  const after = db.prepare<[number, number], SegmentRow>(
    `SELECT ${segmentColumns} FROM segment WHERE segment > ? ORDER BY segment LIMIT ?`,
  );
  const sum = db.prepare<[], { files: number; bytes: number; pruned: number }>(
    `SELECT count(*) FILTER (WHERE file_bytes > 0) AS files, coalesce(sum(file_bytes), 0) AS bytes,
       count(*) FILTER (WHERE pruned_at IS NOT NULL) AS pruned FROM segment`,
  );
  return {
    putSegment: (row: SegmentRow) => void put.run(row),
    segment: (segment: number) => one.get(segment),
    newestSegment: () => newest.get(),
    segmentHolding: (pos: number) => holding.get(pos, pos),
    /** Segments with a file whose time overlaps, newest first. */
    segmentsWithin: (fromMs: number, toMs: number) => within.all(fromMs, toMs),
    /** The oldest of which something may go, of those whose entries are journalled up to `pos`. */
    prunableSegment: (nowMs: number, pos: number) => prunable.get(nowMs, pos),
    oldestFile: (pos: number) => oldestHeld.get(pos),
    segmentsAfter: (segment: number, limit: number) => after.all(segment, limit),
    totals: () => sum.get() ?? { files: 0, bytes: 0, pruned: 0 },
  };
}

function pinsOf(db: Sqlite) {
  const add = db.prepare(
    `INSERT INTO pin VALUES (@pos, @device, @fromMs, @toMs, @untilMs)
     ON CONFLICT DO UPDATE SET from_ms = min(from_ms, excluded.from_ms),
       to_ms = max(to_ms, excluded.to_ms), until_ms = max(until_ms, excluded.until_ms)`,
  );
  const touching = db.prepare<[number, number, number, number, number], Pin>(
    `SELECT ${pinColumns} FROM pin WHERE until_ms > ?
     AND (pos BETWEEN ? AND ? OR (to_ms >= ? AND from_ms <= ?)) ORDER BY pos, device`,
  );
  const expire = db.prepare('DELETE FROM pin WHERE until_ms <= ?');
  const count = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM pin');
  return {
    addPin: (pin: Pin) => void add.run(pin),
    pinsOn: ({ firstPos, lastPos, firstMs, lastMs }: SegmentFacts, nowMs: number) =>
      touching.all(nowMs, firstPos, lastPos, firstMs, lastMs),
    expirePins: (nowMs: number) => void expire.run(nowMs),
    pinCount: () => count.get()?.n ?? 0,
  };
}

function noticesOf(db: Sqlite) {
  const add = db.prepare('INSERT INTO notice (kind, payload) VALUES (?, ?)');
  const after = db.prepare<[number], { id: number; kind: string; payload: string }>(
    'SELECT * FROM notice WHERE id > ? ORDER BY id LIMIT 100',
  );
  const drop = db.prepare('DELETE FROM notice WHERE id = ?');
  return {
    addNotice: ({ kind, payload }: EvidenceNotice) => void add.run(kind, JSON.stringify(payload)),
    noticesAfter: (id: number): WaitingNotice[] =>
      after.all(id).map((row) => ({
        id: row.id,
        notice: { kind: row.kind, payload: JSON.parse(row.payload) as unknown } as EvidenceNotice,
      })),
    dropNotice: (id: number) => void drop.run(id),
  };
}

function marksOf(db: Sqlite) {
  const read = db.prepare<[string], { value: string }>('SELECT value FROM mark WHERE key = ?');
  const write = db.prepare('INSERT OR REPLACE INTO mark VALUES (?, ?)');
  return {
    mark: (key: IndexMark) => read.get(key)?.value,
    setMark: (key: IndexMark, value: string | number) => void write.run(key, String(value)),
  };
}

function wholeOf(db: Sqlite) {
  return {
    /** All that `work` changes is durable when it returns, or nothing of it. */
    transact: <T>(work: () => T): T => db.transaction(work).immediate(),
    close: () => {
      db.close();
    },
  };
}
