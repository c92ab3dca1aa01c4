import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '#contracts/fault.ts';
import { createTestLog, FakeClock, tempDir } from '../testing/test-parts.ts';
import { openTestStores } from '../testing/open-test-stores.ts';
import type { Migrations } from './migrate.ts';
import { openDatabase } from './open-database.ts';
import { firstMigrations, laterMigrations } from './testing/kill-migration.ts';

const child = new URL('testing/kill-migration.ts', import.meta.url).pathname;

let dir: string;
let path: string;
/** A data folder with something in its databases. */
beforeEach(() => {
  dir = tempDir();
  path = join(dir, 'journal.db');
  const { journal, intake } = openTestStores(dir, new FakeClock(), createTestLog().log);
  const rows = [{ machine: 'm', key: 'k', value: '1' }];
  journal.commit({ cursor: 0, items: [], states: rows, quarantined: [] });
  intake.close();
  journal.close();
  // The second version has the tables of the first.
  const db = new Database(path);
  db.pragma('user_version = 1');
  db.pragma('application_id = 0x48460001');
  db.close();
});

function statesIn(file: string, migrations: Migrations): unknown[] {
  const db = openDatabase(file, migrations, 'read');
  const rows = db.prepare('SELECT text FROM state').all();
  db.close();
  return rows;
}

const kept = [{ text: 'm\n"k"\n1\n' }];

describe('a file of an older release', () => {
  test('is as it was, or as it should be, after a kill at any statement; a second try ends it', () => {
    const run = (folder: string, dieAt: number) =>
      spawnSync(process.execPath, [child, join(folder, 'journal.db'), String(dieAt)]);
    const whole = join(dir, 'whole');
    mkdirSync(whole);
    cpSync(path, join(whole, 'journal.db'));
    const statements = Number(run(whole, 0).stdout.toString());
    expect(statements).toBeGreaterThan(8);
    const versions: number[] = [];
    for (let dieAt = 1; dieAt <= statements; dieAt += 1) {
      const folder = join(dir, `killed-${dieAt}`);
      mkdirSync(folder);
      cpSync(path, join(folder, 'journal.db'));
      expect(run(folder, dieAt).signal).toBe('SIGKILL');
      const file = join(folder, 'journal.db');
      const isNew = versionOf(file) === 2;
      versions.push(isNew ? 2 : 1);
      expect(statesIn(file, isNew ? laterMigrations : firstMigrations)).toEqual(kept);
      openDatabase(file, laterMigrations).close();
      expect(statesIn(file, laterMigrations)).toEqual(kept);
    }
    expect(versions).toContain(1);
  });

  test('is copied first, with all databases beside it', () => {
    openDatabase(path, laterMigrations).close();
    const snapshot = join(dir, 'snapshots', 'before-journal.db-2');
    expect(readdirSync(snapshot).toSorted()).toEqual(['epoch.json', 'intake.db', 'journal.db']);
    expect(statesIn(join(snapshot, 'journal.db'), firstMigrations)).toEqual(kept);
    openDatabase(path, laterMigrations).close();
    expect(readdirSync(join(dir, 'snapshots'))).toEqual(['before-journal.db-2']);
  });

  test('leaves no more than two copies', () => {
    for (let versions = 2; versions <= 5; versions += 1) {
      const more = Array.from({ length: versions - 1 }, (_, at) => `CREATE TABLE t${at} (a);`);
      openDatabase(path, [...firstMigrations, ...more]).close();
    }
    expect(readdirSync(join(dir, 'snapshots')).toSorted()).toEqual([
      'before-journal.db-4',
      'before-journal.db-5',
    ]);
  });

  test('that is new is not copied, and one that is only read is left alone', () => {
    expect(existsSync(join(dir, 'snapshots'))).toBe(false);
    expect(() => openDatabase(path, laterMigrations, 'read')).toThrow(
      expect.objectContaining({ code: 'STORE_VERSION' }),
    );
  });

  test('is not touched where the copy finds no place', () => {
    writeFileSync(join(dir, 'snapshots'), 'in the way');
    expect(() => openDatabase(path, laterMigrations).close()).toThrow('nothing was changed');
    expect(versionOf(path)).toBe(1);
  });
});

describe('a file of a newer release', () => {
  test('is opened by the release before, which leaves its version', () => {
    openDatabase(path, laterMigrations).close();
    const db = openDatabase(path, firstMigrations);
    db.prepare("INSERT INTO state VALUES (2, 1, '')").run();
    db.close();
    expect(versionOf(path)).toBe(2);
    expect(statesIn(path, laterMigrations)).toHaveLength(2);
  });

  test.each([
    ['two releases on', [...laterMigrations, 'CREATE TABLE more (a);']],
    ['that broke with it', [...firstMigrations, { sql: '', openableFrom: 2 }]],
  ])('%s is refused with what to do', (_name, migrations) => {
    openDatabase(path, migrations).close();
    let fault: unknown;
    try {
      openDatabase(path, firstMigrations);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: 'STORE_VERSION' });
    expect(String(fault)).toMatch(/install that release again.*snapshots/);
  });
});

function versionOf(file: string): number {
  const db = new Database(file);
  const version = Number(db.pragma('user_version', { simple: true }));
  db.close();
  return version;
}
