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

test('a halt that was ended before halts had a beginning begins where its cause was put aside', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hf-migrate-'));
  const file = join(folder, 'hub.db');
  const connection = SqliteConnection.open(file, 'write');
  const old = new Kysely<Database>({ dialect: new SqliteDialect({ database: connection }) });
  const before = storeMigrations.filter(({ id }) => id !== 'store-10-lane-halts');
  await migrate(old, before, clock);
  const aside = (id: string, at: number) =>
    connection
      .prepare("insert into lane_quarantine values (?, 'gw-1', 'north', 'fork', ?, 1, 'h', ?, 'w')")
      .run([id, at, Buffer.from('x')]);
  for (const [at, id] of ['a', 'b', 'c'].entries()) aside(id, 10 * (at + 1));
  const release = (gateway: string, at: number) =>
    connection
      .prepare("insert into lane_release values (?, ?, 1, 1, 'h', 'why', 'eng-7', 'clone is off')")
      .run([gateway, at]);
  release('gw-1', 25);
  release('gw-2', 40);
  await old.destroy();
  const store = await openStore({ file, clock, log: pino({ level: 'silent' }) });
  const rows = await store.read.selectFrom('lane_release').select(['at', 'halted_at']).execute();
  expect(rows).toEqual([
    { at: 25, halted_at: 20 },
    { at: 40, halted_at: 40 },
  ]);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
