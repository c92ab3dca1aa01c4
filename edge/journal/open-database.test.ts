import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../testing/test-parts.ts';
import { openDatabase } from './open-database.ts';

const migrations = ['CREATE TABLE said (word TEXT NOT NULL) STRICT;'];
const words = 'SELECT word FROM said';

/** The files of a process that was killed: what it wrote lies in the log. */
function killed(): string {
  const [before, path] = [join(tempDir(), 'a.db'), join(tempDir(), 'a.db')];
  const db = openDatabase(before, migrations);
  db.prepare('INSERT INTO said VALUES (?)').run('hello');
  for (const end of ['', '-wal']) copyFileSync(before + end, path + end);
  db.close();
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
  return path;
}

test('a store commits durably, also when it is opened again', () => {
  const path = join(tempDir(), 'a.db');
  openDatabase(path, migrations).close();
  const db = openDatabase(path, migrations);
  expect(db.pragma('synchronous', { simple: true })).toBe(2);
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
  db.close();
});

test('what a process left in the log before it was synced is written anew when it is opened', () => {
  const path = killed();
  const db = openDatabase(path, migrations);
  expect(statSync(`${path}-wal`).size).toBe(0);
  expect(db.prepare(words).pluck().all()).toEqual(['hello']);
  db.close();
});

test('a reader that stands in the way keeps nobody from opening it', () => {
  const path = killed();
  const reader = openDatabase(path, migrations, 'read');
  const rows = reader.prepare(words).pluck().iterate();
  expect(rows.next().value).toBe('hello');
  const db = openDatabase(path, migrations);
  db.prepare('INSERT INTO said VALUES (?)').run('again');
  expect(db.prepare(words).pluck().all()).toEqual(['hello', 'again']);
  rows.return?.();
  reader.close();
  db.close();
});
