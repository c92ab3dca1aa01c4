import { openDatabase } from '../journal/open-database.ts';
import { decodeBatch } from './entry-codec.ts';
import type { IntakeEntry } from './intake-entry.ts';

/** One row per group commit. `end_offset` counts all bytes ever stored, so that sums cost nothing. */
const intakeMigrations: readonly string[] = [
  `
  CREATE TABLE batch (
    first_pos INTEGER PRIMARY KEY,
    last_pos INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE mark (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
];

export interface StoredBatch {
  readonly firstPos: number;
  readonly lastPos: number;
  readonly bytes: Buffer;
}

/** `config`: hash of the last applied site configuration; `clean-stop`: last position at a stop. */
export type Mark = 'config' | 'clean-stop';

export interface IntakeStore {
  firstPos(): number;
  lastPos(): number;
  lastBatch(): StoredBatch | undefined;
  /** Durable when it returns. Throws what SQLite throws. */
  insert(batch: StoredBatch, configHash: string | undefined): void;
  batchHolding(pos: number): StoredBatch | undefined;
  /** Bytes of all batches that are kept. */
  keptBytes(): number;
  /** Drops batches that lie wholly up to `pos`, oldest first, while more than `budget` is kept. */
  trim(pos: number, budgetBytes: number): void;
  mark(key: Mark): string | undefined;
  setMark(key: Mark, value: string): void;
  close(): void;
}

interface Row {
  readonly first_pos: number;
  readonly last_pos: number;
  readonly end_offset: number;
  readonly bytes: Buffer;
}

/** Rows dropped at once: a bound on how long a trim takes. */
const trimRows = 64;

export function openIntakeStore(path: string, mode: 'write' | 'read' = 'write'): IntakeStore {
  const db = openDatabase(path, intakeMigrations, mode);
  const add = db.prepare('INSERT INTO batch VALUES (?, ?, ?, ?)');
  const holding = db.prepare<[number], Row>(
    'SELECT * FROM batch WHERE first_pos <= ? ORDER BY first_pos DESC LIMIT 1',
  );
  const newest = db.prepare<[], Row>('SELECT * FROM batch ORDER BY first_pos DESC LIMIT 1');
  const oldest = db.prepare<[], { first_pos: number; start: number }>(
    `SELECT first_pos, end_offset - length(bytes) AS start FROM batch ORDER BY first_pos LIMIT 1`,
  );
  const drop = db.prepare(
    `DELETE FROM batch WHERE first_pos IN (
       SELECT first_pos FROM batch WHERE last_pos <= ? AND end_offset <= ?
       ORDER BY first_pos LIMIT ${trimRows})`,
  );
  const readMark = db.prepare<[string], { value: string }>('SELECT value FROM mark WHERE key = ?');
  const writeMark = db.prepare('INSERT OR REPLACE INTO mark VALUES (?, ?)');

  let endOffset = newest.get()?.end_offset ?? 0;
  let startOffset = oldest.get()?.start ?? 0;

  const insert = db.transaction((batch: StoredBatch, configHash: string | undefined) => {
    add.run(batch.firstPos, batch.lastPos, endOffset + batch.bytes.length, batch.bytes);
    if (configHash !== undefined) writeMark.run('config', configHash);
  });

  return {
    firstPos: () => oldest.get()?.first_pos ?? 1,
    lastPos: () => newest.get()?.last_pos ?? 0,
    lastBatch: () => batchOf(newest.get()),
    insert(batch, configHash) {
      insert(batch, configHash);
      endOffset += batch.bytes.length;
    },
    batchHolding(pos) {
      const row = holding.get(pos);
      return row !== undefined && row.last_pos >= pos ? batchOf(row) : undefined;
    },
    keptBytes: () => endOffset - startOffset,
    trim(pos, budgetBytes) {
      drop.run(pos, endOffset - budgetBytes);
      startOffset = oldest.get()?.start ?? endOffset;
    },
    mark: (key) => readMark.get(key)?.value,
    setMark: (key, value) => void writeMark.run(key, value),
    close: () => {
      db.close();
    },
  };
}

function batchOf(row: Row | undefined): StoredBatch | undefined {
  if (row === undefined) return undefined;
  return { firstPos: row.first_pos, lastPos: row.last_pos, bytes: row.bytes };
}

/** Every entry behind `after` that is kept, beside a gateway that may be running. */
export function* readIntake(path: string, after = 0): Generator<IntakeEntry> {
  const store = openIntakeStore(path, 'read');
  try {
    const last = store.lastPos();
    let pos = Math.max(store.firstPos(), after + 1);
    while (pos <= last) {
      const batch = store.batchHolding(pos);
      if (batch === undefined) return;
      yield* decodeBatch(batch.bytes, batch.firstPos).slice(pos - batch.firstPos);
      pos = batch.lastPos + 1;
    }
  } finally {
    store.close();
  }
}
