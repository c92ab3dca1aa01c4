import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { accessMigrations } from './access/access-tables.ts';
import { openStore, type Store, type StoreOptions } from './store/store.ts';

/** The hub's store with the tables of every module, as the hub and each of its commands open it. */
export async function openHubStore(options: Omit<StoreOptions, 'migrations'>): Promise<Store> {
  await mkdir(dirname(options.file), { recursive: true, mode: 0o700 });
  return openStore({ ...options, migrations: accessMigrations });
}
