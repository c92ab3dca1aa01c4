import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tempDir } from '../testing/test-parts.ts';
import { journalMigrations } from './journal-schema.ts';
import { openDatabase } from './open-database.ts';
import { createQuarantineStore, type QuarantineRow } from './quarantine-store.ts';

function openDb(dir = tempDir()) {
  const db = openDatabase(join(dir, 'journal.db'), journalMigrations);
  onTestFinished(() => void db.close());
  return db;
}

function row(device: string, pos: number): QuarantineRow {
  const text = { channel: 'c', detail: 'd', reason: 'malformed', sha256: 'ab'.repeat(32) } as const;
  return { ...text, pos, device, bytes: 1, head: Buffer.from('x'), receivedAtMs: pos };
}

const count = (rows: readonly { device: string }[], device: string) =>
  rows.filter((one) => one.device === device).length;

describe('a bounded quarantine', () => {
  test('keeps what quiet devices sent, however much a noisy one sends', () => {
    const store = createQuarantineStore(openDb(), 100);
    for (let pos = 1; pos <= 5; pos += 1) store.add(row('quiet', pos));
    for (let pos = 6; pos <= 1_005; pos += 1) store.add(row('noisy', pos));
    const rows = store.recent(undefined, 1_000);
    expect(rows).toHaveLength(100);
    expect(count(rows, 'quiet')).toBe(5);
    // Of its own it keeps the latest.
    expect(store.recent('noisy', 1_000).map(({ pos }) => pos)).toEqual(
      Array.from({ length: 95 }, (_, index) => 1_005 - index),
    );
  });

  test('shares its room evenly among noisy devices', () => {
    const store = createQuarantineStore(openDb(), 100);
    for (let pos = 1; pos <= 500; pos += 1) store.add(row('first', pos));
    for (let pos = 501; pos <= 1_000; pos += 1) store.add(row('second', pos));
    const rows = store.recent(undefined, 1_000);
    expect([count(rows, 'first'), count(rows, 'second')]).toEqual([50, 50]);
  });

  test('knows the shares of a file that it opens, also one above the bound', () => {
    const dir = tempDir();
    const before = createQuarantineStore(openDb(dir), 200);
    for (let pos = 1; pos <= 150; pos += 1) before.add(row(pos > 10 ? 'noisy' : 'quiet', pos));
    const after = createQuarantineStore(openDb(dir), 100);
    after.add(row('new', 151));
    const rows = after.recent(undefined, 1_000);
    expect(rows).toHaveLength(100);
    expect([count(rows, 'quiet'), count(rows, 'noisy'), count(rows, 'new')]).toEqual([10, 89, 1]);
  });

  test('counts as before after its transaction was rolled back', () => {
    const db = openDb();
    const store = createQuarantineStore(db, 10);
    for (let pos = 1; pos <= 9; pos += 1) store.add(row('dock', pos));
    const fail = db.transaction(() => {
      for (let pos = 10; pos <= 15; pos += 1) store.add(row('gate', pos));
      throw new Error('disk');
    });
    expect(fail).toThrow('disk');
    store.forget();
    store.add(row('gate', 10));
    expect(store.count()).toBe(10);
    expect(store.recent('dock', 10)).toHaveLength(9);
  });

  test('gives pages without gap or repeat', () => {
    const store = createQuarantineStore(openDb(), 100);
    for (let pos = 1; pos <= 7; pos += 1) store.add(row(pos % 2 === 0 ? 'even' : 'odd', pos));
    const first = store.recent('odd', 3);
    expect(first.map(({ pos }) => pos)).toEqual([7, 5, 3]);
    expect(store.recent('odd', 3, first.at(-1)?.id).map(({ pos }) => pos)).toEqual([1]);
  });
});
