import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { expect, test } from 'vitest';
import { LaneBook } from '../intake/lane-book.ts';
import { SqlLaneStore } from '../intake/sql-lane-store.ts';
import { openTestStore, realClock } from '../intake/testing/test-hub.ts';
import { unpark } from '../intake/unpark.ts';
import { queryOutages } from '../projections/outages-query.ts';
import { queryStock } from '../projections/stock-query.ts';
import type { Database } from '../store/schema.ts';
import { SqliteConnection } from '../store/sqlite-connection.ts';
import type { Store } from '../store/store.ts';
import { queryEvent } from './event-query.ts';
import { queryMovements } from './movements-query.ts';

test('neither a start nor a question reads a table of events or lines from end to end', async () => {
  const hub = await openTestStore();
  const file = join(hub.folder, 'hub.db');
  const connection = SqliteConnection.open(file, 'read');
  const asked = new Set<string>();
  const database = {
    close: () => connection.close(),
    prepare(sql: string) {
      asked.add(sql);
      return connection.prepare(sql);
    },
  };
  const read = new Kysely<Database>({ dialect: new SqliteDialect({ database }) });
  const store: Store = { ...hub.store, read };
  const parts = { store, clock: realClock, gateways: () => [] };

  const book = new LaneBook(new SqlLaneStore(store));
  await book.load();
  await unpark(store, book);
  await queryStock(parts, { site: 'north', item: '10', sort: 'quantity' });
  await queryOutages(parts, { fromMs: 1, site: 'north' });
  await queryOutages(parts, { cursor: 'ended_7_gw-1/1/7' });
  const row = { site: 'north', zone: 'dock', status: 'available', owner: 'own' } as const;
  await queryMovements(store, { ...row, item: '10' });
  await queryMovements(store, { ...row, item: '10', cursor: '7_1' });
  const proofs = { sha256: () => '', isSigned: () => false };
  await queryEvent(store, proofs, { gateway: 'gw-1', epoch: 1, seq: 7 });

  const explaining = new Sqlite(file, { readonly: true });
  const scans: string[] = [];
  for (const sql of asked) {
    const values = Array.from({ length: sql.split('?').length - 1 }, () => 1);
    const plan = explaining.prepare<unknown[], { detail: string }>(`explain query plan ${sql}`);
    for (const { detail } of plan.all(values)) {
      if (/^SCAN (journal_event|ledger_line|batch|tag_presence|outage$)/.test(detail)) {
        scans.push(sql);
      }
    }
  }
  expect(asked.size).toBeGreaterThan(8);
  expect(scans).toEqual([]);
  explaining.close();
  await read.destroy();
  await hub.close();
});
