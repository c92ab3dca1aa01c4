import Database from 'better-sqlite3';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readIntake } from '../intake/intake-store.ts';
import { restoreObserver } from '../observe/observer.ts';
import { FakeClock, tempDir } from '../testing/test-parts.ts';
import { journalMigrations } from './journal-schema.ts';
import { openJournal } from './open-journal.ts';
import { openDatabase } from './open-database.ts';
import { verifyJournal } from './verify-journal.ts';

const fixtures = new URL('fixtures/version-1/', import.meta.url);
/** Events in the journal that a gateway of the first version left, killed while the hub was away. */
const events = 201;

/** A data folder as that gateway left it. */
function oldFolder(): string {
  const dataDir = tempDir();
  for (const name of ['journal.db', 'intake.db']) {
    const packed = readFileSync(new URL(`${name}.zst`, fixtures));
    writeFileSync(join(dataDir, name), zstdDecompressSync(packed));
    const db = new Database(join(dataDir, name));
    db.pragma('journal_mode = WAL');
    db.close();
  }
  writeFileSync(join(dataDir, 'epoch.json'), readFileSync(new URL('epoch.json', fixtures)));
  return dataDir;
}

function openOld(dataDir: string) {
  return openJournal({
    dataDir,
    address: { tenant: 'main', site: 'lyon', gateway: 'lyon-1' },
    clock: new FakeClock(),
    randomId: () => 'ab'.repeat(16),
    ballast: { held: false, release: () => false, take: async () => true },
  });
}

describe('a data folder of the first version', () => {
  test('goes on whole, after a copy of it was made', async () => {
    const dataDir = oldFolder();
    const journal = openOld(dataDir);
    expect(journal.head()).toMatchObject({ seq: events });
    const proved = await verifyJournal(dataDir);
    expect(proved).toMatchObject({ ok: true, value: { seq: events } });
    const rows = journal.states();
    const observer = restoreObserver(rows);
    expect(observer.facts(0).residentTags).toBe(185);
    const left = [...readIntake(join(dataDir, 'intake.db'), journal.cursor())];
    for (const entry of left) observer.step(entry);
    expect(observer.stock.rows({}, 10).map(({ quantity }) => quantity)).toEqual([1, 1, 1, 1]);
    journal.close();
    const copy = join(dataDir, 'snapshots', 'before-journal.db-2');
    expect(readdirSync(copy).toSorted()).toEqual(['epoch.json', 'intake.db', 'journal.db']);
    const version = openDatabase(join(copy, 'journal.db'), journalMigrations.slice(0, 1), 'read');
    expect(version.pragma('user_version', { simple: true })).toBe(1);
    version.close();
    openOld(dataDir).close();
  });

  test('is refused by the release that left it, once a newer one has gone on with it', () => {
    const dataDir = oldFolder();
    openOld(dataDir).close();
    const openAsBefore = () =>
      openDatabase(join(dataDir, 'journal.db'), journalMigrations.slice(0, 1));
    expect(openAsBefore).toThrow(expect.objectContaining({ code: 'STORE_VERSION' }));
    expect(existsSync(join(dataDir, 'snapshots'))).toBe(true);
  });
});
