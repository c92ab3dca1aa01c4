import type { Kysely } from 'kysely';

/** One step forward of the schema. Applied once, in list order, in a transaction of its own. */
export interface Migration {
  /** Unique and constant: `store-1`, `access-1`. */
  readonly id: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a migration sees no fixed schema
  up(db: Kysely<any>): Promise<void>;
}
