import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { accessMigrations } from './access/access-tables.ts';
import { downlinkMigrations } from './downlink/downlink-tables.ts';
import { enrolMigrations } from './enrol/enrol-tables.ts';
import { fleetConfigMigrations } from './fleet-config/fleet-config-tables.ts';
import { sitePeopleMigrations } from './site-people/site-people-tables.ts';
import type { Migration } from './store/migration.ts';
import { transferMigrations } from './transfers/transfer-tables.ts';
import { openStore, type Store, type StoreOptions } from './store/store.ts';

/** What every module adds to the store's own tables. */
export const hubMigrations: readonly Migration[] = [
  ...accessMigrations,
  ...enrolMigrations,
  ...downlinkMigrations,
  ...fleetConfigMigrations,
  ...sitePeopleMigrations,
  ...transferMigrations,
];

/** The hub's store with the tables of every module, as the hub and each of its commands open it. */
export async function openHubStore(options: Omit<StoreOptions, 'migrations'>): Promise<Store> {
  await mkdir(dirname(options.file), { recursive: true, mode: 0o700 });
  return openStore({ ...options, migrations: hubMigrations });
}
