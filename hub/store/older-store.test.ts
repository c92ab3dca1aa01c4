import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHubStore } from '../open-hub-store.ts';
import { rebuildProjections } from '../projections/rebuild.ts';
import { takeSnapshot } from './snapshot.ts';

const clock = { nowMs: () => 1_000, monotonicMs: () => 0 };
const log = pino({ level: 'silent' });
/** As a hub of six steps left it, with what one gateway had sent. */
const fixture = new URL('fixtures/six-steps.sqlite.zst', import.meta.url);
let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-older-'));
  file = join(folder, 'hub.sqlite');
  writeFileSync(file, zstdDecompressSync(readFileSync(fixture)));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function dump(path: string): unknown[] {
  const db = new Sqlite(path, { readonly: true });
  const tables = ['journal_event', 'batch', 'lane', 'gateway', 'ledger_line', 'stock'];
  const rows = tables.flatMap((table) => {
    const columns = db
      .prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map(({ name }) => name)
      .filter((name) => !['nkey_next', 'revoked_at', 'customs'].includes(name));
    return db.prepare(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY 1, 2, 3`).all();
  });
  db.close();
  return rows;
}

describe('a store of an older hub', () => {
  test('goes on whole, after a copy of it was made, and only once', async () => {
    const before = dump(file);
    const store = await openHubStore({ file, clock, log });
    const [gateway] = await store.read.selectFrom('gateway').selectAll().execute();
    expect(gateway).toMatchObject({ gateway: 'lyon-1', nkey_next: null, revoked_at: null });
    await store.close();
    expect(dump(file)).toEqual(before);
    const [copy = '', ...more] = readdirSync(join(folder, 'snapshots'));
    expect(more).toEqual([]);
    expect(dump(join(folder, 'snapshots', copy))).toEqual(before);
    await (await openHubStore({ file, clock, log })).close();
    expect(readdirSync(join(folder, 'snapshots'))).toEqual([copy]);
  });

  test('is not touched where no copy can be made', async () => {
    writeFileSync(join(folder, 'snapshots'), 'in the way');
    const opening = openHubStore({ file, clock, log });
    await expect(opening).rejects.toMatchObject({ code: 'STORE_BROKEN' });
    const db = new Sqlite(file, { readonly: true });
    expect(db.prepare('SELECT count(*) AS n FROM schema_migration').get()).toEqual({ n: 8 });
    db.close();
  });

  test('is rebuilt to the same figures by the projections of now', async () => {
    const store = await openHubStore({ file, clock, log });
    const stock = () => store.read.selectFrom('stock').selectAll().orderBy('item').execute();
    const before = await stock();
    await rebuildProjections(store);
    expect(await stock()).toEqual(before);
    await store.close();
  });
});

describe('copies', () => {
  test('are two at most, and a new store has none', async () => {
    const store = await openHubStore({ file: join(folder, 'new.sqlite'), clock, log });
    expect(readdirSync(folder)).not.toContain('snapshots');
    for (const name of ['a', 'b', 'c']) await takeSnapshot(store.read, file, name);
    expect(readdirSync(join(folder, 'snapshots')).toSorted()).toEqual(['b.sqlite', 'c.sqlite']);
    await store.close();
  });
});
