import { sql, type CreateTableBuilder, type Kysely } from 'kysely';

/** Column types that every database we may use has; `?` marks a column that may be null. */
type ColumnType = 'text' | 'text?' | 'integer' | 'integer?' | 'bytes';

/** A table: its columns in order, and those of its key. */
export interface TableShape {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly key: readonly string[];
}

/**
 * `integer` holds 64 bits in SQLite whatever its name; `bigint` is the same in PostgreSQL. A lone
 * integer key is SQLite's own row number, which needs the exact word.
 */
const dataTypes = { text: sql`text`, integer: sql`bigint`, bytes: sql`blob` } as const;

/** Creates a table; what a migration calls. */
export async function createTable(
  // oxlint-disable-next-line typescript/no-explicit-any -- a migration sees no fixed schema
  db: Kysely<any>,
  table: string,
  { columns, key }: TableShape,
): Promise<void> {
  let building: CreateTableBuilder<string, string> = db.schema.createTable(table);
  const [only, ...others] = key;
  const rowNumber = others.length === 0 && columns[only ?? ''] === 'integer' ? only : undefined;
  for (const [name, type] of Object.entries(columns)) {
    if (name === rowNumber) {
      building = building.addColumn(name, 'integer', (column) => column.primaryKey());
      continue;
    }
    const nullable = type.endsWith('?');
    const dataType = dataTypes[type.replace('?', '') as keyof typeof dataTypes];
    building = building.addColumn(name, dataType, (column) =>
      nullable ? column : column.notNull(),
    );
  }
  if (rowNumber === undefined) {
    building = building.addPrimaryKeyConstraint(`${table}_key`, [...key]);
  }
  if (others.length > 0) {
    // SQLite keeps the rows in the key itself, not in a table beside it: half as many pages change.
    building = building.modifyEnd(sql`without rowid`);
  }
  await building.execute();
}
