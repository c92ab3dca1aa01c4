import type { BlockRow } from './block-codec.ts';
import type { Sqlite } from './open-database.ts';

/** Blocks as they lie there. It loads nothing else: a thread that only reads them stays small. */
export interface BlockRows {
  /** The first sequence number that is still here. */
  oldestSeq(): number;
  /** The block that holds an event; undefined where there is no such event. */
  blockFrom(seq: number): BlockRow | undefined;
  /** The newest blocks, newest first. */
  newest(count: number): BlockRow[];
}

/**
 * A block comes as text: strings live and end in the young generation, while buffers lie outside the
 * heap until a full collection, and memory would follow the backlog.
 */
const columns = 'first_seq, last_seq, previous_hash, hash, CAST(bytes AS TEXT) AS text';

export function prepareBlockRows(db: Sqlite): BlockRows {
  const at = db.prepare<[number], BlockRow>(
    `SELECT ${columns} FROM block WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1`,
  );
  const first = db.prepare<[], { first_seq: number }>(
    'SELECT first_seq FROM block ORDER BY first_seq LIMIT 1',
  );
  const newest = db.prepare<[number], BlockRow>(
    `SELECT ${columns} FROM block ORDER BY first_seq DESC LIMIT ?`,
  );
  return {
    oldestSeq: () => first.get()?.first_seq ?? 1,
    blockFrom(seq) {
      const row = at.get(seq);
      return row !== undefined && row.last_seq >= seq ? row : undefined;
    },
    newest: (count) => newest.all(count),
  };
}
