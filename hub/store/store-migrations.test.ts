import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, SqliteDialect } from 'kysely';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { migrate } from './migrate.ts';
import type { Database } from './schema.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { storeMigrations } from './store-migrations.ts';
import { openStore } from './store.ts';

const clock = { nowMs: () => 1_000, monotonicMs: () => 0 };

test('a store from before quarantine was counted says what it holds, and no loss that nobody proved', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hf-migrate-'));
  const file = join(folder, 'hub.db');
  const connection = SqliteConnection.open(file, 'write');
  const old = new Kysely<Database>({ dialect: new SqliteDialect({ database: connection }) });
  await migrate(old, storeMigrations.slice(0, 4), clock);
  const kept = (id: string, gateway: string, reason: string, at: number) =>
    connection
      .prepare('insert into lane_quarantine values (?, ?, ?, ?, ?, 1, ?, ?, ?)')
      .run([id, gateway, 'north', reason, at, 'hash', Buffer.from('x'), 'why']);
  kept('a', 'gw-1', 'malformed', 5);
  kept('b', 'gw-1', 'malformed', 9);
  kept('c', 'gw-7', 'unknown-gateway', 6);
  kept('d', 'gw-8', 'unknown-gateway', 7);
  const outage = (id: string, replayed: number | null) =>
    connection
      .prepare(`insert into outage values (?, 'n', 'g', '', 'uplink', 'closed', 'c', 1, 2, 3, 1,
        null, 4, ?, 0, 0)`)
      .run([id, replayed]);
  outage('known', 4);
  outage('unknown', null);
  await old.destroy();

  const store = await openStore({ file, clock, log: pino({ level: 'silent' }) });
  const counts = await store.read.selectFrom('quarantine_count').selectAll().execute();
  expect(counts).toMatchObject([
    { gateway: '', reason: 'unknown-gateway', total: 2, kept: 2, first_at: 6, last_at: 7 },
    { gateway: 'gw-1', reason: 'malformed', total: 2, kept: 2, first_at: 5, last_at: 9 },
  ]);
  const outages = await store.read.selectFrom('outage').select(['id', 'lost']).execute();
  expect(outages).toEqual([
    { id: 'known', lost: 0 },
    { id: 'unknown', lost: null },
  ]);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
