import type { Kysely, Transaction } from 'kysely';
import type { Store } from '../store/store.ts';
import type { AccessTables } from './access-tables.ts';

/** The hub's store as this folder sees it: its own tables and no others. */
export interface AccessStore {
  readonly read: Kysely<AccessTables>;
  /** One transaction, durable when it resolves. */
  write<T>(work: (db: Transaction<AccessTables>) => Promise<T>): Promise<T>;
}

export function accessStoreOf(store: Store): AccessStore {
  return {
    read: store.read as unknown as Kysely<AccessTables>,
    write: (work) =>
      store.write((transaction) => work(transaction.db as unknown as Transaction<AccessTables>)),
  };
}
