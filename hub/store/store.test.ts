import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BulkWriter } from './bulk-writer.ts';
import { createTable } from './create-table.ts';
import type { Migration } from './migration.ts';
import { asFault, SqliteConnection } from './sqlite-connection.ts';
import { openStore, type Store } from './store.ts';

const log = pino({ level: 'silent' });
const clock = { nowMs: () => 1_000, monotonicMs: () => 0 };
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-store-'));
  file = join(folder, 'hub.db');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (migrations: readonly Migration[] = []): Promise<Store> =>
  openStore({ file, log, clock, migrations });

function fact(gateway: string, received_at = 1) {
  return { gateway, facts: '{}', received_at };
}

const facts = new BulkWriter('gateway_fact', ['gateway', 'facts', 'received_at'], (insert) =>
  insert.onConflict((conflict) =>
    conflict.column('gateway').doUpdateSet((row) => ({
      received_at: row('gateway_fact.received_at', '+', row.ref('excluded.received_at')),
    })),
  ),
);

async function factRows(store: Store) {
  return await store.read.selectFrom('gateway_fact').selectAll().orderBy('gateway').execute();
}

describe('the store', () => {
  test('writes anew what a killed process left in the log before it was synced', async () => {
    const before = await open();
    await before.write((tx) => Promise.resolve(facts.write(tx, [fact('gw-1')])));
    const copy = join(folder, 'copy.db');
    for (const end of ['', '-wal']) copyFileSync(file + end, copy + end);
    await before.close();
    expect(statSync(`${copy}-wal`).size).toBeGreaterThan(0);
    const connection = SqliteConnection.open(copy, 'write');
    expect(statSync(`${copy}-wal`).size).toBe(0);
    expect(connection.prepare('select gateway from gateway_fact').all([])).toEqual([
      { gateway: 'gw-1' },
    ]);
    connection.close();
  });

  test('writes with WAL and synchronous=FULL also when it opens an existing file', async () => {
    await (await open()).close();
    for (const mode of ['write', 'read'] as const) {
      const connection = SqliteConnection.open(file, mode);
      expect(connection.prepare('pragma synchronous').all([])).toEqual([{ synchronous: 2 }]);
      expect(connection.prepare('pragma journal_mode').all([])).toEqual([{ journal_mode: 'wal' }]);
      connection.close();
    }
  });

  test('refuses a file that cannot be written durably', () => {
    expect(() => SqliteConnection.open(':memory:', 'write')).toThrow(
      expect.objectContaining({ code: 'STORE_UNSAFE' }),
    );
  });

  test('lets nobody but its owner read it, neither the file nor what SQLite puts beside it', async () => {
    const modes = () =>
      readdirSync(folder)
        .sort()
        .map((name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
    const ours = ['hub.db 600', 'hub.db-shm 600', 'hub.db-wal 600'];
    let store = await open();
    expect(modes()).toEqual(ours);
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
    const beside = await open();
    expect(modes()).toEqual(ours);
    await beside.close();
    await store.close();
    chmodSync(file, 0o644);
    store = await open();
    expect(modes()).toEqual(ours);
    await store.close();
  });

  test('says so when there can be no such file', async () => {
    file = join(folder, 'no-folder', 'hub.db');
    await expect(open()).rejects.toMatchObject({ code: 'STORE_BROKEN' });
  });

  test('says so when the file is no database', async () => {
    writeFileSync(file, Buffer.alloc(8192, 7));
    await expect(open()).rejects.toMatchObject({ code: 'STORE_BROKEN' });
  });

  test('applies migrations of other modules after its own, once, in order', async () => {
    const done: string[] = [];
    const step = (id: string): Migration => ({
      id,
      async up(db) {
        done.push(id);
        await createTable(db, id.replace('-', '_'), {
          columns: { key: 'text', amount: 'integer?' },
          key: ['key'],
        });
      },
    });
    await (await open([step('other-1')])).close();
    await (await open([step('other-1'), step('other-2')])).close();
    expect(done).toEqual(['other-1', 'other-2']);
  });

  test('does not open what a newer hub has written', async () => {
    const newer: Migration = { id: 'newer-9', up: () => Promise.resolve() };
    await (await open([newer])).close();
    await expect(open()).rejects.toMatchObject({ code: 'STORE_VERSION' });
  });

  test('a migration that fails leaves nothing behind', async () => {
    const broken: Migration = {
      id: 'broken-1',
      async up(db) {
        await createTable(db, 'half', { columns: { key: 'text' }, key: ['key'] });
        throw new Error('in the middle');
      },
    };
    await expect(open([broken])).rejects.toThrow('in the middle');
    const store = await open();
    await expect(
      store.read.withTables<{ half: { key: string } }>().selectFrom('half').selectAll().execute(),
    ).rejects.toThrow('no such table');
    await store.close();
  });

  test('a write that fails changes nothing, and the next one succeeds', async () => {
    const store = await open();
    const failing = store.write((tx) => {
      facts.write(tx, [fact('a')]);
      return Promise.reject(new Error('no'));
    });
    await expect(failing).rejects.toThrow('no');
    await store.write(async (tx) => Promise.resolve(facts.write(tx, [fact('b')])));
    expect((await factRows(store)).map((row) => row.gateway)).toEqual(['b']);
    await store.close();
  });

  test('reads see the last commit while a write is under way', async () => {
    const store = await open();
    let duringWrite: unknown;
    await store.write(async (tx) => {
      facts.write(tx, [fact('a')]);
      duringWrite = await factRows(store);
    });
    expect(duringWrite).toEqual([]);
    expect(await factRows(store)).toHaveLength(1);
    await store.close();
  });

  test('a lock of another process is a fault that can be tried again', async () => {
    const store = await open();
    const other = new Sqlite(file);
    other.exec('begin immediate');
    await expect(store.write(() => Promise.resolve(1))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    });
    other.exec('rollback');
    other.close();
    expect(await store.write(() => Promise.resolve(1))).toBe(1);
    await store.close();
  });

  test.each([
    ['SQLITE_FULL', 'STORE_FULL'],
    ['SQLITE_IOERR_FSYNC', 'STORE_BROKEN'],
    ['SQLITE_CORRUPT', 'STORE_BROKEN'],
    ['SQLITE_BUSY_SNAPSHOT', 'UNAVAILABLE'],
  ])('%s is the fault %s, and its cause is kept', (code, fault) => {
    const cause = new Sqlite.SqliteError('as SQLite says it', code);
    expect(asFault(cause)).toMatchObject({ code: fault, cause });
  });

  test('bulk writing takes any number of rows and honours its conflict clause', async () => {
    const store = await open();
    for (const count of [0, 1, 7, 131, 300]) {
      const rows = Array.from({ length: count }, (_, n) => fact(`g${n}`));
      await store.write(async (tx) => Promise.resolve(facts.write(tx, rows)));
    }
    const rows = await factRows(store);
    expect(rows).toHaveLength(300);
    expect(rows.find((row) => row.gateway === 'g0')?.received_at).toBe(4);
    expect(rows.find((row) => row.gateway === 'g299')?.received_at).toBe(1);
    await store.close();
  });
});
