import type { InsertQueryBuilder, InsertResult, Transaction } from 'kysely';
import type { Database } from './schema.ts';
import type { WriteTransaction } from './store.ts';

/** Statement sizes in rows, largest first: few enough to stay prepared, and any count is a sum of them. */
const sizes = [128, 32, 8, 1] as const;

/** An insert that Kysely is still building; a conflict clause may be added to it. */
export type Insert<T extends keyof Database> = InsertQueryBuilder<Database, T, InsertResult>;

/**
 * Inserts many rows of one table with statements that are compiled once and stay prepared. The
 * columns are fixed, so that a row is only its values in that order; `finish` may add
 * `on conflict` clauses, without parameters.
 */
export class BulkWriter<T extends keyof Database> {
  readonly #table: T;
  readonly #columns: readonly (keyof Database[T] & string)[];
  readonly #finish: (insert: Insert<T>) => Insert<T>;
  readonly #sql = new Map<number, string>();

  constructor(
    table: T,
    columns: readonly (keyof Database[T] & string)[],
    finish: (insert: Insert<T>) => Insert<T> = (insert) => insert,
  ) {
    this.#table = table;
    this.#columns = columns;
    this.#finish = finish;
  }

  write(tx: WriteTransaction, rows: readonly Database[T][]): void {
    let from = 0;
    for (const size of sizes) {
      while (rows.length - from >= size) {
        tx.execute(this.#sqlFor(tx.db, size), this.#valuesOf(rows, from, size));
        from += size;
      }
    }
  }

  #valuesOf(rows: readonly Database[T][], from: number, size: number): unknown[] {
    const values: unknown[] = [];
    for (let index = from; index < from + size; index += 1) {
      const row = rows[index];
      if (row === undefined) continue;
      for (const column of this.#columns) values.push(row[column]);
    }
    return values;
  }

  #sqlFor(db: Transaction<Database>, size: number): string {
    const known = this.#sql.get(size);
    if (known !== undefined) return known;
    const shape = Object.fromEntries(this.#columns.map((column) => [column, 0]));
    const rows = Array.from({ length: size }, () => shape);
    // Only the shape matters here: the values are bound when the statement runs.
    const insert = db.insertInto(this.#table).values(rows as never) as unknown as Insert<T>;
    const { sql } = this.#finish(insert).compile();
    this.#sql.set(size, sql);
    return sql;
  }
}
