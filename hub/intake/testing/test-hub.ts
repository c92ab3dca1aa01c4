import { generateKeyPairSync, hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { parseTenantId } from '#contracts/ids.ts';
import type { Clock } from '#contracts/time.ts';
import { createHubCore, type HubCore } from '../../core.ts';
import { downlinkMigrations } from '../../downlink/downlink-tables.ts';
import { transferMigrations } from '../../transfers/transfer-tables.ts';
import { projectedTables } from '../../projections/rebuild.ts';
import type { Database } from '../../store/schema.ts';
import { openStore, type Store } from '../../store/store.ts';
import { hubKeyOf, type HubKey } from '../hub-key.ts';
import type { JournalFixture } from './journal-fixture.ts';

export const tenant = parseTenantId('main');
export const quiet = pino({ level: process.env['HUB_TEST_LOG'] ?? 'silent' });

/** The machine's own clock; tests that turn time pass another. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export function newHubKey(): HubKey {
  return hubKeyOf(generateKeyPairSync('ed25519').privateKey);
}

/** What the core's own tables and projections need. */
export const testMigrations = [...downlinkMigrations, ...transferMigrations];

/** A folder with a store in it; both go with `close`. */
export async function openTestStore(
  folder = mkdtempSync(join(tmpdir(), 'hf-hub-')),
): Promise<{ store: Store; folder: string; close: () => Promise<void> }> {
  const store = await openStore({
    file: join(folder, 'hub.db'),
    log: quiet,
    clock: realClock,
    migrations: testMigrations,
  });
  return {
    store,
    folder,
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function newCore(store: Store, servers: string, log = quiet, hubKey = newHubKey()): HubCore {
  const nats = { servers };
  return createHubCore({ store, nats, tenant, hubKey, clock: realClock, log });
}

/** Until `freeOutageId`, the event of this id cannot be recorded where it begins an outage. */
export async function takeOutageId(store: Store, id: string): Promise<void> {
  await store.write(async ({ db }) => {
    await db
      .insertInto('outage')
      .values({
        id,
        site: 'nowhere',
        gateway: 'none',
        device: '',
        type: 'gap',
        state: 'closed',
        cause: '',
        started_at: 0,
        ended_at: 0,
        reconciled_at: null,
        epoch: 1,
        from_seq: null,
        kept: null,
        replayed: null,
        lost: null,
        ended_by: null,
      })
      .execute();
  });
}

export async function freeOutageId(store: Store, id: string): Promise<void> {
  await store.write(async ({ db }) => {
    await db.deleteFrom('outage').where('id', '=', id).execute();
  });
}

export async function register(core: HubCore, ...journals: JournalFixture[]): Promise<void> {
  for (const { address, signingKey } of journals) {
    const { site, gateway } = address;
    const done = await core.registerGateway({ site, gateway, signingKey, nkeyPublic: 'U' });
    if (!done.ok) throw new Error(done.refusal.message);
  }
}

/** Waits for a condition; the test's own time limit ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}

export async function committedOf(store: Store, gateway: string): Promise<number> {
  const row = await store.read
    .selectFrom('lane')
    .select('committed_seq')
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  return row?.committed_seq ?? 0;
}

/** One hash over every row of the given tables, in an order that only the rows decide. */
export async function fingerprint(
  store: Store,
  tables: readonly (keyof Database)[] = projectedTables,
): Promise<string> {
  const texts: string[] = [];
  for (const table of tables) {
    const rows = await store.read.selectFrom(table).selectAll().execute();
    const lines = rows.map((row) => JSON.stringify(row)).sort((a, b) => (a < b ? -1 : 1));
    texts.push(`${table} ${rows.length}`, ...lines);
  }
  return hash('sha256', texts.join('\n'));
}
