import type { Kysely } from 'kysely';
import type { Migration } from '../store/migration.ts';

/** Times are UTC milliseconds. */
export interface AccessTables {
  access_person: {
    username: string;
    role: string;
    /** PHC string of argon2id; the password itself is nowhere. */
    password_hash: string;
    password_changed_at: number;
    created_at: number;
  };
  access_session: {
    /** SHA-256 of the cookie's token, hex: who reads the store cannot sign in with it. */
    token_hash: string;
    username: string;
    created_at: number;
    last_used_at: number;
    expires_at: number;
  };
}

export const accessMigrations: readonly Migration[] = [
  {
    id: 'access-1',
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('access_person')
        .addColumn('username', 'varchar(80)', (column) => column.primaryKey())
        .addColumn('role', 'varchar(40)', (column) => column.notNull())
        .addColumn('password_hash', 'varchar(200)', (column) => column.notNull())
        .addColumn('password_changed_at', 'bigint', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('access_session')
        .addColumn('token_hash', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('username', 'varchar(80)', (column) =>
          column.notNull().references('access_person.username').onDelete('cascade'),
        )
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('last_used_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('access_session_username')
        .on('access_session')
        .column('username')
        .execute();
    },
  },
];
