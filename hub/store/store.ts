import { Kysely, SqliteDialect, type Transaction } from 'kysely';
import type { Logger } from 'pino';
import { Fault } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migration.ts';
import { makeOwnFile } from './own-file.ts';
import type { Database } from './schema.ts';
import { takeSnapshot } from './snapshot.ts';
import { asFault, SqliteConnection } from './sqlite-connection.ts';
import { storeMigrations } from './store-migrations.ts';

/** A write under way. Everything in it is committed together, or nothing is. */
export interface WriteTransaction {
  readonly db: Transaction<Database>;
  /** Runs SQL that Kysely compiled before; the statement stays prepared. */
  execute(sql: string, parameters: readonly unknown[]): void;
}

/**
 * The hub's database. Callers speak Kysely; which database stands behind it is known here alone.
 * Reads go through a connection of their own and see the last commit without waiting for a write.
 */
export interface Store {
  readonly read: Kysely<Database>;
  /**
   * Runs `work` in one transaction; writes queue behind each other. Durable when it resolves.
   *
   * @throws Fault STORE_FULL (retryable) or STORE_BROKEN; after the latter `onBroken` was told, and
   * the process must end: what the disk holds is known only after a restart.
   */
  write<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Path of the SQLite file; its folder exists. */
  readonly file: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** Migrations of other modules; they run after the store's own, in this order. */
  readonly migrations?: readonly Migration[];
  /** Told once when the disk failed. The process has to exit; a supervisor restarts it. */
  readonly onBroken?: (fault: Fault) => void;
}

/**
 * Opens the store, readable by its owner alone, and brings its schema up to date.
 *
 * @throws Fault STORE_UNSAFE, STORE_BROKEN, or STORE_VERSION when a newer hub wrote this file.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  makeOwnFile(options.file);
  const writer = SqliteConnection.open(options.file, 'write');
  const write = new Kysely<Database>({ dialect: new SqliteDialect({ database: writer }) });
  try {
    const steps = [...storeMigrations, ...(options.migrations ?? [])];
    const applied = await migrate(write, steps, options.clock, async (first) => {
      const copy = await takeSnapshot(write, options.file, `before-${first}`);
      options.log.info({ copy }, 'store.copied');
    });
    if (applied.length > 0) options.log.info({ applied }, 'store.migrated');
  } catch (error) {
    writer.close();
    throw asFault(error);
  }
  const reader = SqliteConnection.open(options.file, 'read');
  const read = new Kysely<Database>({ dialect: new SqliteDialect({ database: reader }) });
  let broken = false;

  return {
    read,
    async write(work) {
      try {
        return await write.transaction().execute((db) =>
          work({
            db,
            execute(sql, parameters) {
              writer.prepare(sql).run(parameters);
            },
          }),
        );
      } catch (error) {
        const fault = asFault(error);
        if (fault instanceof Fault && fault.code === 'STORE_BROKEN' && !broken) {
          broken = true;
          options.log.fatal({ err: fault }, 'store.broken');
          options.onBroken?.(fault);
        }
        throw fault;
      }
    },
    async close() {
      await Promise.all([read.destroy(), write.destroy()]);
      reader.close();
      writer.close();
    },
  };
}
